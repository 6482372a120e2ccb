// The agent's state, kept fresh by its events, and the one word for it.
import { computed, ref } from "vue";
import { readStatus } from "@/api/desk";
import type { DatasetStatus, Status } from "@/api/types";
import { frame } from "@/words/frame";
import { wordsNow } from "@/words/language";
import { bytes, shortMoment } from "@/words/shown";
import { onNews } from "./use_events";
import { loadCatalogue } from "./use_catalogue";

export type Dot = "good" | "busy" | "off" | "old" | "bad";

const status = ref<Status | null>(null);
const isSilent = ref(false);
let seenData = "";

async function refresh(): Promise<void> {
  try {
    status.value = await readStatus();
    isSilent.value = false;
  } catch {
    isSilent.value = true;
    return;
  }
  // Grants and streams of a sync are in the catalogue too.
  const data = JSON.stringify((status.value.datasets ?? []).map((one) => [one.id, one.access, one.as_of, one.rows]));
  if (seenData && data !== seenData) await loadCatalogue();
  seenData = data;
}

export function beginStatus(): Promise<void> {
  onNews("status", () => void refresh());
  return refresh();
}

export const isDown = (now: Status | null): boolean => Boolean(now?.last_sync && now.last_sync.result === "unreachable");

const anyStale = (sets: DatasetStatus[]): boolean => sets.some((one) => one.stale && !one.covers_no_data);

function wordOf(now: Status | null, silent: boolean): { dot: Dot; words: string } {
  const w = wordsNow(frame);
  if (silent) return { dot: "bad", words: w.silent };
  if (!now || !now.last_sync) return { dot: "off", words: w.notYet };
  if (now.sync) {
    const { bytes_done: done, bytes_total: all } = now.sync;
    const words = all > 0 ? w.syncingPart(Math.floor((100 * done) / all), bytes(all - done)) : w.syncing;
    return { dot: "busy", words };
  }
  if (isDown(now)) return { dot: "off", words: w.offline(shortMoment(now.contact)) };
  if (now.damage && now.damage.length > 0) return { dot: "old", words: w.damaged };
  if (anyStale(now.datasets ?? [])) return { dot: "old", words: w.old };
  return { dot: "good", words: w.synced(shortMoment(now.last_sync.at)) };
}

export function useStatus() {
  const word = computed(() => wordOf(status.value, isSilent.value));
  const counts = computed(() => status.value?.outbox);
  return { status, isSilent, word, counts, refresh };
}
