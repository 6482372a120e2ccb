// Whose data the page shows: the line at its foot. A page gives it and takes it away.
import { onScopeDispose, ref, watch, type Ref } from "vue";
import type { Provenance } from "@/api/types";

const shown = ref<Provenance | null>(null);

export function useProvenance() {
  return { shown };
}

export function showProvenance(source: Ref<Provenance | null>): void {
  watch(source, (next) => (shown.value = next), { immediate: true });
  onScopeDispose(() => (shown.value = null));
}
