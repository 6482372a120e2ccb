// One record of the outbox: its contents, and its correction in place.
import { reactive, ref } from "vue";
import { fixRecord, readRecord, readReceipt } from "@/api/collecting";
import type { Form, Receipt, RecordDetail } from "@/api/types";
import { say } from "@/composables/frame/use_announcer";
import { failureLine } from "@/composables/frame/use_failure";
import { outbox as words } from "@/words/collect";
import { wordsNow } from "@/words/language";
import { typedOf, valuesOf, type Typed } from "./form_values";

export function useRecord(id: string) {
  const record = ref<RecordDetail | null>(null);
  const receipt = ref<Receipt | null>(null);
  const typed = reactive<Typed>({});
  const trouble = ref("");
  const isBusy = ref(false);

  async function load(): Promise<void> {
    try {
      record.value = await readRecord(id);
      Object.assign(typed, typedOf(record.value.values));
    } catch (error) {
      trouble.value = failureLine(error);
    }
  }
  async function loadReceipt(): Promise<void> {
    receipt.value = await readReceipt(id).catch(() => null);
  }
  async function fix(form: Form): Promise<boolean> {
    isBusy.value = true;
    trouble.value = "";
    try {
      await fixRecord(id, valuesOf(form, typed));
      say(wordsNow(words).fixed, "good");
      return true;
    } catch (error) {
      trouble.value = failureLine(error);
      return false;
    } finally {
      isBusy.value = false;
    }
  }
  return { record, receipt, typed, trouble, isBusy, load, loadReceipt, fix };
}
