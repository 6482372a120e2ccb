// Columns of a spreadsheet and fields of a form: matched by title, or by name. Pure.
import type { Form, SheetTable } from "@/api/types";
import { choiceValue, type Typed } from "./form_values";

// The name of the field for each column; "" for one that is not used.
export type Mapping = string[];

const bare = (text: string): string => text.replace(/[\s*＊（）()：:]/g, "").toLowerCase();

export function matchColumns(form: Form, columns: string[]): Mapping {
  const used = new Set<string>();
  return columns.map((heading) => {
    const wanted = bare(heading);
    const field = form.fields.find((one) =>
      !used.has(one.name) && [one.title.zh, one.title.en, one.name].some((name) => bare(name) === wanted));
    if (field) used.add(field.name);
    return field?.name ?? "";
  });
}

export function recordsOf(form: Form, table: Pick<SheetTable, "rows">, mapping: Mapping): Typed[] {
  return table.rows.map((row) => {
    const typed: Typed = {};
    mapping.forEach((name, at) => {
      const field = form.fields.find((one) => one.name === name);
      const text = (row[at] ?? "").trim();
      if (field && text) typed[name] = choiceValue(field, text);
    });
    return typed;
  });
}

export function missingFields(form: Form, mapping: Mapping): Form["fields"] {
  return form.fields.filter((field) => field.required && !mapping.includes(field.name));
}
