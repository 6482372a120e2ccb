// The watches of this person, with what each has found.
import { onScopeDispose, ref } from "vue";
import { markSeen, readHits, readWatches, removeWatch } from "@/api/desk";
import type { Watch, WatchHits } from "@/api/types";
import { countNews } from "@/composables/frame/use_counts";
import { onNews } from "@/composables/frame/use_events";
import { failureLine } from "@/composables/frame/use_failure";

export const newsOf = (watch: Watch): number => watch.new + watch.changed + watch.vanished;

export function useWatches() {
  const watches = ref<Watch[]>([]);
  const hits = ref<Record<string, WatchHits>>({});
  const isLoaded = ref(false);
  const trouble = ref("");

  async function load(): Promise<void> {
    try {
      watches.value = await readWatches();
      trouble.value = "";
    } catch (error) {
      trouble.value = failureLine(error);
    }
    isLoaded.value = true;
    for (const watch of watches.value) if (newsOf(watch) > 0 && watch.permitted) await loadHits(watch.name);
  }
  async function loadHits(name: string): Promise<void> {
    try {
      hits.value = { ...hits.value, [name]: await readHits(name) };
    } catch (error) {
      trouble.value = failureLine(error);
    }
  }
  async function act(change: Promise<unknown>): Promise<void> {
    try {
      await change;
    } catch (error) {
      trouble.value = failureLine(error);
    }
    await load();
    await countNews();
  }
  const see = (name: string): Promise<void> => {
    hits.value = Object.fromEntries(Object.entries(hits.value).filter(([one]) => one !== name));
    return act(markSeen(name));
  };
  const remove = (name: string): Promise<void> => act(removeWatch(name));
  onScopeDispose(onNews("watches", () => void load()));
  onScopeDispose(onNews("status", () => void load()));
  void load();
  return { watches, hits, isLoaded, trouble, see, remove };
}
