// What waits for the clerk: the badges of the side bar.
import { computed, ref } from "vue";
import { readDrafts } from "@/api/collecting";
import { readWatches } from "@/api/desk";
import { onNews } from "./use_events";
import { useSession } from "./use_session";
import { useStatus } from "./use_status";

const drafts = ref(0);
const news = ref(0);

export async function countDrafts(): Promise<void> {
  drafts.value = (await readDrafts().catch(() => [])).length;
}

export async function countNews(): Promise<void> {
  const watches = await readWatches().catch(() => []);
  news.value = watches.reduce((sum, one) => sum + one.new + one.changed + one.vanished, 0);
}

export function beginCounts(): void {
  const { has } = useSession();
  if (!has("clerk")) return;
  const all = (): void => {
    void countDrafts();
    void countNews();
  };
  onNews("watches", () => void countNews());
  onNews("outbox", () => void countDrafts());
  all();
}

export function useCounts() {
  const { counts } = useStatus();
  const returned = computed(() => counts.value?.returned ?? 0);
  return { drafts, news, returned };
}
