// The datasets of the catalogue, loaded once and again when the agent's state changes.
import { computed, ref } from "vue";
import { readDatasets } from "@/api/reading";
import type { CatalogueColumn, Dataset } from "@/api/types";
import { failureLine } from "./use_failure";

const datasets = ref<Dataset[]>([]);
const isLoaded = ref(false);
const trouble = ref("");

export async function loadCatalogue(): Promise<void> {
  try {
    datasets.value = await readDatasets();
    trouble.value = "";
  } catch (error) {
    trouble.value = failureLine(error);
  }
  isLoaded.value = true;
}

export function datasetOf(id: string): Dataset | undefined {
  return datasets.value.find((one) => one.id === id);
}

export const keyColumns = (dataset: Dataset | undefined): CatalogueColumn[] =>
  dataset ? dataset.columns.filter((column) => column.key) : [];

export function useCatalogue() {
  const granted = computed(() => datasets.value.filter((one) => one.grant));
  return { datasets, granted, isLoaded, trouble };
}
