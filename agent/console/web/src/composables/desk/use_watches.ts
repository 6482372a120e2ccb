// The watches of this person, with what each has found. They are known from the side bar's count, so the page has
// them at once; what they found follows.
import { onScopeDispose, ref, watch } from "vue";
import { markSeen, readHits, removeWatch } from "@/api/desk";
import type { Watch, WatchHits } from "@/api/types";
import { loadWatches, newsOf, useWatchList } from "@/composables/frame/use_counts";
import { onNews } from "@/composables/frame/use_events";
import { failureLine } from "@/composables/frame/use_failure";

const hits = ref<Record<string, WatchHits>>({});

export function useWatches() {
  const { watches, hasWatches, watchTrouble } = useWatchList();
  const trouble = ref("");

  async function loadHits(name: string): Promise<void> {
    try {
      hits.value = { ...hits.value, [name]: await readHits(name) };
    } catch (error) {
      trouble.value = failureLine(error);
    }
  }
  async function loadAllHits(list: Watch[]): Promise<void> {
    const some = list.filter((one) => newsOf(one) > 0 && one.permitted);
    await Promise.all(some.map((one) => loadHits(one.name)));
  }
  async function act(change: Promise<unknown>): Promise<void> {
    trouble.value = "";
    try {
      await change;
    } catch (error) {
      trouble.value = failureLine(error);
    }
    await loadWatches();
  }
  const see = (name: string): Promise<void> => {
    hits.value = Object.fromEntries(Object.entries(hits.value).filter(([one]) => one !== name));
    return act(markSeen(name));
  };
  const remove = (name: string): Promise<void> => act(removeWatch(name));
  watch(watches, (list) => void loadAllHits(list), { immediate: true });
  onScopeDispose(onNews("status", () => void loadWatches()));
  return { watches, hits, isLoaded: hasWatches, trouble, listTrouble: watchTrouble, see, remove };
}
