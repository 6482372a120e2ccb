// What waits for the clerk: the badges of the side bar. The watches are kept for their page too.
import { computed, ref } from "vue";
import { readDrafts } from "@/api/collecting";
import { readWatches } from "@/api/desk";
import type { Watch } from "@/api/types";
import { onNews } from "./use_events";
import { failureLine } from "./use_failure";
import { useSession } from "./use_session";
import { useStatus } from "./use_status";

const drafts = ref(0);
const watches = ref<Watch[]>([]);
const hasWatches = ref(false);
const watchTrouble = ref("");

export const newsOf = (watch: Watch): number => watch.new + watch.changed + watch.vanished;
const news = computed(() => watches.value.reduce((sum, one) => sum + newsOf(one), 0));

export async function countDrafts(): Promise<void> {
  drafts.value = (await readDrafts().catch(() => [])).length;
}

export async function loadWatches(): Promise<void> {
  try {
    watches.value = await readWatches();
    watchTrouble.value = "";
  } catch (error) {
    watchTrouble.value = failureLine(error);
  }
  hasWatches.value = true;
}

export function useWatchList() {
  return { watches, hasWatches, watchTrouble };
}

export function beginCounts(): void {
  const { has } = useSession();
  if (!has("clerk")) return;
  const all = (): void => {
    void countDrafts();
    void loadWatches();
  };
  onNews("watches", () => void loadWatches());
  onNews("outbox", () => void countDrafts());
  all();
}

export function useCounts() {
  const { counts } = useStatus();
  const returned = computed(() => counts.value?.returned ?? 0);
  return { drafts, news, returned };
}
