// The purpose under which everything is read: chosen once, kept on this machine, one of the grants'.
import { computed, ref } from "vue";
import type { Dataset } from "@/api/types";
import { useCatalogue } from "./use_catalogue";

const kPlace = "rootlet.purpose";
const chosen = ref(localStorage.getItem(kPlace) ?? "");

export function choosePurpose(next: string): void {
  chosen.value = next;
  localStorage.setItem(kPlace, next);
}

export function usePurpose() {
  const { granted } = useCatalogue();
  const purposes = computed(() => {
    const all = new Set<string>();
    for (const dataset of granted.value) dataset.grant?.purposes.forEach((one) => all.add(one));
    return [...all];
  });
  const purpose = computed(() => (purposes.value.includes(chosen.value) ? chosen.value : (purposes.value[0] ?? "")));
  const allows = (dataset: Dataset): boolean => dataset.grant?.purposes.includes(purpose.value) ?? false;
  const readable = computed(() => granted.value.filter((one) => allows(one) && one.grant?.access === "open"));
  return { purpose, purposes, readable, allows };
}
