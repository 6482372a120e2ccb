// The records of this office, the returned ones first, kept fresh by the agent's events. Those of the last visit are
// shown at once.
import { computed, onScopeDispose, ref, shallowRef } from "vue";
import { readOutbox } from "@/api/collecting";
import type { RecordState, RecordSummary } from "@/api/types";
import { failureLine } from "@/composables/frame/use_failure";
import { onNews } from "@/composables/frame/use_events";

const records = shallowRef<RecordSummary[]>([]);
const isLimited = ref(false);
const isLoaded = ref(false);

export function useOutbox() {
  const trouble = ref("");
  const only = ref<RecordState | "">("");

  async function load(): Promise<void> {
    try {
      const answer = await readOutbox();
      records.value = answer.records.filter((one) => one.state !== "draft");
      isLimited.value = answer.limited;
      trouble.value = "";
    } catch (error) {
      trouble.value = failureLine(error);
    }
    isLoaded.value = true;
  }
  const returned = computed(() => records.value.filter((one) => one.state === "returned" && !only.value));
  const others = computed(() => records.value.filter((one) => (only.value ? one.state === only.value : one.state !== "returned")));
  onScopeDispose(onNews("outbox", () => void load()));
  onScopeDispose(onNews("status", () => void load()));
  void load();
  return { records, returned, others, only, isLimited, isLoaded, trouble, load };
}
