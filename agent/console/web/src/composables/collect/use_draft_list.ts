// Records that were begun and not handed in.
import { ref } from "vue";
import { dropDraft, readDrafts } from "@/api/collecting";
import type { Draft } from "@/api/types";
import { countDrafts } from "@/composables/frame/use_counts";
import { say } from "@/composables/frame/use_announcer";
import { failureLine } from "@/composables/frame/use_failure";

export function useDraftList() {
  const drafts = ref<Draft[]>([]);
  async function load(): Promise<void> {
    drafts.value = await readDrafts().catch(() => []);
  }
  async function drop(id: string): Promise<void> {
    await dropDraft(id).catch((error: unknown) => say(failureLine(error), "bad"));
    await load();
    await countDrafts();
  }
  void load();
  return { drafts, drop };
}
