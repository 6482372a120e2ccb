// Conditions of a dataset's view: as chips for people, as filters for the API. Pure.
import type { CatalogueColumn, Cell } from "@/api/types";
import { dataset as words } from "@/words/dataset";
import { textOf, wordsNow } from "@/words/language";
import { shownCell } from "@/words/shown";

export type Relation = "is" | "isNot" | "contains" | "begins" | "least" | "most" | "empty" | "filled";

export interface Condition {
  column: string;
  relation: Relation;
  value: string;
}

export const needsValue = (relation: Relation): boolean => relation !== "empty" && relation !== "filled";

export function relationsFor(type: string): Relation[] {
  if (type === "text") return ["is", "contains", "begins", "isNot", "empty", "filled"];
  if (type === "boolean") return ["is", "empty", "filled"];
  return ["is", "least", "most", "isNot", "empty", "filled"];
}

// The agent takes every sign of a pattern as itself, except the star.
const literal = (value: string): string => value.replace(/\*/g, "");

export function filterOf({ column, relation, value }: Condition): string {
  const tests: Record<Relation, string> = {
    is: `eq.${value}`,
    isNot: `not.eq.${value}`,
    contains: `ilike.*${literal(value)}*`,
    begins: `like.${literal(value)}*`,
    least: `gte.${value}`,
    most: `lte.${value}`,
    empty: "is.null",
    filled: "not.is.null",
  };
  return `${column}=${tests[relation]}`;
}

export function conditionOf(filter: string): Condition | null {
  const cut = filter.indexOf("=");
  const column = filter.slice(0, cut);
  const test = filter.slice(cut + 1);
  const after = (prefix: string): string => test.slice(prefix.length);
  if (test === "is.null") return { column, relation: "empty", value: "" };
  if (test === "not.is.null") return { column, relation: "filled", value: "" };
  if (test.startsWith("eq.")) return { column, relation: "is", value: after("eq.") };
  if (test.startsWith("not.eq.")) return { column, relation: "isNot", value: after("not.eq.") };
  if (test.startsWith("gte.")) return { column, relation: "least", value: after("gte.") };
  if (test.startsWith("lte.")) return { column, relation: "most", value: after("lte.") };
  if (/^ilike\.\*.*\*$/.test(test)) return { column, relation: "contains", value: after("ilike.*").slice(0, -1) };
  if (/^like\..*\*$/.test(test)) return { column, relation: "begins", value: after("like.").slice(0, -1) };
  return null;
}

export function conditionOfCell(column: string, value: Cell): Condition {
  return value === null ? { column, relation: "empty", value: "" } : { column, relation: "is", value: String(value) };
}

export function conditionWords(condition: Condition, columns: CatalogueColumn[]): string {
  const w = wordsNow(words);
  const column = columns.find((one) => one.name === condition.column);
  const title = column ? textOf(column.title) : condition.column;
  if (!needsValue(condition.relation)) return `${title} ${w[condition.relation]}`;
  const value = column?.type === "boolean" ? shownCell(condition.value === "true", "boolean") : condition.value;
  return condition.relation === "is" ? `${title} = ${value}` : `${title} ${w[condition.relation]} ${value}`;
}

export function sameCondition(a: Condition, b: Condition): boolean {
  return a.column === b.column && a.relation === b.relation && a.value === b.value;
}
