// The forms of the platform, loaded once.
import { computed, ref } from "vue";
import { readForms } from "@/api/collecting";
import type { Form } from "@/api/types";
import { failureLine } from "@/composables/frame/use_failure";

const forms = ref<Form[]>([]);
const isLoaded = ref(false);
const trouble = ref("");

export async function loadForms(): Promise<void> {
  try {
    forms.value = await readForms();
    trouble.value = "";
  } catch (error) {
    trouble.value = failureLine(error);
  }
  isLoaded.value = true;
}

export function useForms() {
  const formOf = (id: string): Form | undefined => forms.value.find((one) => one.id === id);
  const formsOf = (dataset: string): Form[] => forms.value.filter((one) => one.prefill?.dataset === dataset);
  return { forms: computed(() => forms.value), isLoaded, trouble, formOf, formsOf };
}
