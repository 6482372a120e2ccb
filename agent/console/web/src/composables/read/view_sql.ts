// A view as the SQL statement that selects the same rows. Pure.
import type { Condition } from "./conditions";
import type { Order } from "./use_rows";

const name = (id: string): string => `"${id.replace(/"/g, '""')}"`;
const text = (value: string): string => `'${value.replace(/'/g, "''")}'`;
const pattern = (value: string): string => value.replace(/[%_\\]/g, (sign) => `\\${sign}`);

function test({ column, relation, value }: Condition, type: string): string {
  const literal = type === "integer" || type === "decimal" ? value : type === "boolean" ? (value === "true" ? "1" : "0") : text(value);
  switch (relation) {
    case "is": return `${name(column)} = ${literal}`;
    case "isNot": return `${name(column)} <> ${literal}`;
    case "least": return `${name(column)} >= ${literal}`;
    case "most": return `${name(column)} <= ${literal}`;
    case "contains": return `${name(column)} LIKE ${text(`%${pattern(value)}%`)} ESCAPE '\\'`;
    case "begins": return `${name(column)} LIKE ${text(`${pattern(value)}%`)} ESCAPE '\\'`;
    case "empty": return `${name(column)} IS NULL`;
    case "filled": return `${name(column)} IS NOT NULL`;
  }
}

export function sqlOf(
  dataset: string, columns: string[], conditions: Condition[], order: Order | null, types: Record<string, string>,
): string {
  const lines = [`SELECT ${columns.map(name).join(", ")}`, `FROM ${name(dataset)}`];
  conditions.forEach((one, at) => lines.push(`${at === 0 ? "WHERE" : "  AND"} ${test(one, types[one.column] ?? "text")}`));
  if (order) lines.push(`ORDER BY ${name(order.column)}${order.descending ? " DESC" : ""}`);
  return lines.join("\n");
}
