// What is known already, by the key that was typed: values with their source and date.
import { ref } from "vue";
import { keyFieldOf, prefill } from "@/api/collecting";
import type { Form, Provenance } from "@/api/types";
import { usePurpose } from "@/composables/frame/use_purpose";
import { failureLine } from "@/composables/frame/use_failure";
import { typedOf, type Typed } from "./form_values";

export function usePrefill(form: Form) {
  const { purpose } = usePurpose();
  const known = ref<Typed>({});
  const source = ref<Provenance | null>(null);
  const trouble = ref("");
  const isBusy = ref(false);
  const keyField = ref(form.prefill?.key_field ?? "");
  let asked = "";

  async function learn(): Promise<void> {
    if (form.prefill !== undefined) return;
    const named = await keyFieldOf(form.id);
    keyField.value = form.fields.some((one) => one.name === named) ? (named ?? "") : "";
  }

  async function lookUp(key: string): Promise<Typed | null> {
    const wanted = key.trim();
    if (!keyField.value || !wanted || wanted === asked) return null;
    asked = wanted;
    isBusy.value = true;
    trouble.value = "";
    try {
      const answer = await prefill(form.id, keyField.value, wanted, form.prefill?.purpose).catch(
        () => prefill(form.id, keyField.value, wanted, purpose.value));
      if (wanted !== asked) return null; // another key was typed meanwhile
      known.value = typedOf(answer.values);
      delete known.value[keyField.value];
      source.value = answer.source;
      return known.value;
    } catch (error) {
      if (wanted !== asked) return null;
      known.value = {};
      source.value = null;
      trouble.value = failureLine(error);
      return null;
    } finally {
      if (wanted === asked) isBusy.value = false;
    }
  }
  return { known, source, trouble, isBusy, keyField, learn, lookUp };
}
