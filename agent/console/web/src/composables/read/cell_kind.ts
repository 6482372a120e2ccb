// How much room a cell of a list takes: names, codes, dates and figures have their own width, texts share the rest.
import type { Column } from "@/api/types";
import { isNumeric } from "./rows";

export function cellKind(column: Column, text: string, at: number): string {
  if (at === 0) return "name";
  if (column.masked || /^[\dX*]{11,}$/.test(text)) return text.length > 12 ? "long" : "date";
  if (column.type === "date") return "date";
  if (isNumeric(column.type)) return "figure";
  if (text.length <= 1) return "short";
  return /address/i.test(column.name) ? "wide" : "";
}
