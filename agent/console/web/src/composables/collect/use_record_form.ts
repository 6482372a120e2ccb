// One record while it is filled in: its texts, mistakes, prefill, draft, and the end.
import { computed, reactive, ref } from "vue";
import { ApiProblem } from "@/api/client";
import { checkRecords, saveFromDraft, saveRecords } from "@/api/collecting";
import type { Form, Saved } from "@/api/types";
import { countDrafts } from "@/composables/frame/use_counts";
import { failureLine } from "@/composables/frame/use_failure";
import { textOf } from "@/words/language";
import { byField, valuesOf, type Typed } from "./form_values";
import { useDraft } from "./use_draft";
import { usePrefill } from "./use_prefill";

export function useRecordForm(form: Form, first: Typed = {}, draftId?: string) {
  const typed = reactive<Typed>({ ...first });
  const mistakes = ref<Record<string, string>>({});
  const isSubmitted = ref(false); // once tried, all mistakes are shown
  const left = reactive(new Set<string>()); // fields that were left
  const isBusy = ref(false);
  const trouble = ref("");
  const saved = ref<Saved | null>(null);
  const draft = useDraft(form.id, () => valuesOf(form, typed), draftId);
  const prefill = usePrefill(form);
  let asked = 0; // checks; an answer about older values is dropped

  const shownMistakes = computed(() => {
    const entries = Object.entries(mistakes.value);
    return Object.fromEntries(isSubmitted.value ? entries : entries.filter(([name]) => left.has(name)));
  });
  const summary = computed(() => form.fields
    .filter((field) => mistakes.value[field.name])
    .map((field) => ({ name: field.name, title: textOf(field.title), words: mistakes.value[field.name] ?? "" })));

  async function check(): Promise<boolean> {
    const mine = ++asked;
    try {
      const { mistakes: found } = await checkRecords(form.id, [valuesOf(form, typed)]);
      if (mine === asked) mistakes.value = byField(found);
      return found.length === 0;
    } catch (error) {
      // An agent without checks says what is wrong when the record is saved.
      if (error instanceof ApiProblem && error.isMissing) return true;
      if (mine === asked) trouble.value = failureLine(error);
      return false;
    }
  }
  async function leaveField(name: string): Promise<void> {
    if ((typed[name] ?? "") !== "") left.add(name);
    if (prefill.keyField.value === name) await takeKnown(typed[name] ?? "");
    if (left.size > 0 || isSubmitted.value) await check();
  }
  async function takeKnown(key: string): Promise<void> {
    const known = await prefill.lookUp(key);
    if (!known) return;
    const missing = Object.entries(known).filter(([name]) => !typed[name]);
    for (const [name, value] of missing) typed[name] = value;
    if (missing.length > 0) draft.touched();
  }
  function type(name: string, text: string): void {
    typed[name] = text;
    trouble.value = "";
    draft.touched();
  }
  async function save(): Promise<void> {
    try {
      const values = valuesOf(form, typed);
      const id = await draft.end();
      saved.value = id ? await saveFromDraft(form.id, values, id) : await saveRecords(form.id, [values]);
      void countDrafts();
    } catch (error) {
      draft.goOn();
      const field = error instanceof ApiProblem ? error.problem.field : undefined;
      if (field && form.fields.some((one) => one.name === field)) mistakes.value = { [field]: failureLine(error) };
      else trouble.value = failureLine(error);
    }
  }
  async function submit(): Promise<void> {
    if (isBusy.value || saved.value) return;
    isBusy.value = true;
    isSubmitted.value = true;
    trouble.value = "";
    if (await check()) await save();
    isBusy.value = false;
  }
  return { typed, mistakes: shownMistakes, summary, isSubmitted, isBusy, trouble, saved, draft, prefill, leaveField, takeKnown, type, submit };
}
