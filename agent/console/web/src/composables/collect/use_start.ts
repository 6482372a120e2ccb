// A form that begins from a row: its key, and the fields of the same name or title, unmasked. In memory, for
// the next page.
import type { Form } from "@/api/types";
import type { OpenRow } from "@/composables/read/use_drawer";
import type { Typed } from "./form_values";

let waiting: { form: string; typed: Typed } | null = null;

export function startFrom(form: Form, open: OpenRow): void {
  const typed: Typed = {};
  for (const field of form.fields) {
    const isSource = form.prefill?.dataset === open.dataset;
    const named = isSource && field.column ? field.column : field.name;
    const column = open.columns.find((one) => one.name === named || one.title.zh === field.title.zh);
    const value = column && !column.masked ? open.row[column.name] : null;
    if (value !== null && value !== undefined) typed[field.name] = String(value);
  }
  const key = form.prefill?.dataset === open.dataset ? form.prefill.key_field : "";
  if (key && open.key !== null && !open.key.includes(",")) typed[key] = open.key;
  waiting = { form: form.id, typed };
}

export function takeStart(form: string): Typed {
  const typed = waiting?.form === form ? waiting.typed : {};
  waiting = null;
  return typed;
}
