// How many rows there are of each value, for columns where that helps: texts and yes/no that are neither keys
// nor names.
import { ref, watch, type Ref } from "vue";
import { isAborted } from "@/api/client";
import { readFacets, type RowsAsk } from "@/api/reading";
import type { Column, Dataset, Facet } from "@/api/types";

const kColumns = 5;
const kValues = 60; // more of them is no grouping

export function facetColumns(dataset: Dataset | undefined, columns: Column[]): string[] {
  const plain = columns.filter((column) => {
    const known = dataset?.columns.find((one) => one.name === column.name);
    return !column.masked && known && !known.key && !known.search && ["text", "boolean", "integer"].includes(column.type);
  });
  return plain.slice(0, kColumns).map((column) => column.name);
}

const helps = (facet: Facet): boolean => facet.values.length > 1 && facet.values.length <= kValues;

// `onCounted` hears how many rows there are in all; null if they were too many to look at.
export function useFacets(
  dataset: Ref<Dataset | undefined>, ask: Ref<RowsAsk>, columns: Ref<Column[]>, onCounted: (rows: number | null) => void,
) {
  const facets = ref<Facet[]>([]);
  const isExact = ref(true); // false: each count means "at least"
  let running: AbortController | null = null;

  async function load(): Promise<void> {
    running?.abort();
    const wanted = facetColumns(dataset.value, columns.value);
    if (!dataset.value || wanted.length === 0) {
      facets.value = [];
      if (columns.value.length > 0) onCounted(null);
      return;
    }
    const mine = (running = new AbortController());
    try {
      const answer = await readFacets(dataset.value.id, ask.value, wanted, mine.signal);
      facets.value = answer.facets.filter(helps);
      isExact.value = answer.exact;
      onCounted(answer.exact ? answer.matches : null);
    } catch (error) {
      if (isAborted(error)) return;
      facets.value = [];
      onCounted(null);
    }
  }
  watch([ask, () => columns.value.map((one) => one.name).join()], () => void load());
  return { facets, isExact };
}
