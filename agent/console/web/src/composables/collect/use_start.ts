// A form that begins from a row: the fields of the same name or title, unmasked. In memory, for the next page.
import type { Form } from "@/api/types";
import type { OpenRow } from "@/composables/read/use_drawer";
import type { Typed } from "./form_values";

let waiting: { form: string; typed: Typed } | null = null;

export function startFrom(form: Form, open: OpenRow): void {
  const typed: Typed = {};
  for (const field of form.fields) {
    const column = open.columns.find((one) => one.name === field.name || one.title.zh === field.title.zh);
    const value = column && !column.masked ? open.row[column.name] : null;
    if (value !== null && value !== undefined) typed[field.name] = String(value);
  }
  waiting = { form: form.id, typed };
}

export function takeStart(form: string): Typed {
  const typed = waiting?.form === form ? waiting.typed : {};
  waiting = null;
  return typed;
}
