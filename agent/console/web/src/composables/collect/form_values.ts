// Texts that people type and the values that a form takes. Pure.
import type { Cell, Field, Form, Mistake, Values } from "@/api/types";
import { collect } from "@/words/collect";
import { textOf, wordsNow } from "@/words/language";

export type Typed = Record<string, string>;

// A number that is none stays text, so that the check can say what is wrong with it.
export function valueOf(field: Field, typed: string): string | number | boolean | undefined {
  const text = typed.trim();
  if (text === "") return undefined;
  if (field.type === "integer" && /^[+-]?\d{1,15}$/.test(text)) return Number(text);
  if (field.type === "boolean") return text === "true";
  return text;
}

export function valuesOf(form: Form, typed: Typed): Values {
  const values: Values = {};
  for (const field of form.fields) {
    const value = valueOf(field, typed[field.name] ?? "");
    if (value !== undefined) values[field.name] = value;
  }
  return values;
}

export function typedOf(values: Record<string, Cell>): Typed {
  const typed: Typed = {};
  for (const [name, value] of Object.entries(values)) if (value !== null) typed[name] = String(value);
  return typed;
}

const kLong = 200; // characters from which a text has several lines
const kUsual = 4000; // what a form has that says nothing of the length

export function isLongText({ type, max_length: most, pattern }: Field): boolean {
  return type === "text" && !pattern && most !== undefined && most > kLong && most < kUsual;
}

export function hintOf(field: Field): string {
  const w = wordsNow(collect);
  if (field.hint) return textOf(field.hint);
  if (field.type === "integer" || field.type === "decimal") {
    return field.min && field.max ? w.between(field.min, field.max) : field.type === "integer" ? w.integer : w.decimal;
  }
  const kinds: Record<string, string> = {
    id_card: w.idCard, phone: w.phone, division: w.division, date: w.date, datetime: w.datetime, uscc: w.uscc,
  };
  return kinds[field.type] ?? (isLongText(field) ? w.characters(field.max_length ?? 0) : "");
}

// By field; several of one field become one line.
export function byField(mistakes: Mistake[], record = 1): Record<string, string> {
  const out: Record<string, string> = {};
  for (const one of mistakes) {
    if (one.record !== record) continue;
    const words = textOf(one.words);
    out[one.field] = out[one.field] ? `${out[one.field]} ${words}` : words;
  }
  return out;
}

// A choice typed or pasted by its title becomes its value.
export function choiceValue(field: Field, text: string): string {
  const found = (field.choices ?? []).find((one) => one.title.zh === text || one.title.en === text || one.value === text);
  return found ? found.value : text;
}
