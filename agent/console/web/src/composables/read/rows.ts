// What a row of a dataset is called and how it is named in an address. Pure.
import type { Cell, Column, Dataset, RowValues } from "@/api/types";

// The key columns as one CSV row, which is how the API takes a key. Null if one of them is masked or not here.
export function keyOf(dataset: Dataset | undefined, columns: Column[], row: RowValues): string | null {
  const keys = dataset?.columns.filter((column) => column.key) ?? [];
  const cells: string[] = [];
  for (const { name } of keys) {
    const shown = columns.find((column) => column.name === name);
    const value = row[name];
    if (!shown || shown.masked || value === null || value === undefined) return null;
    cells.push(/[",\r\n]/.test(String(value)) ? `"${String(value).replace(/"/g, '""')}"` : String(value));
  }
  return cells.length > 0 ? cells.join(",") : null;
}

// The column that names a row for people: a searched text that is no key, else a searched one, else the first.
export function namingColumn(dataset: Dataset | undefined, columns: Column[]): Column | undefined {
  const shown = (name: string): Column | undefined => columns.find((column) => column.name === name);
  const searched = dataset?.columns.filter((column) => column.search) ?? [];
  const first = searched.find((column) => !column.key && column.type === "text") ?? searched[0];
  return (first && shown(first.name)) ?? columns[0];
}

// The columns of a line in a list: the name first; of the others the searched ones and those that are no codes,
// few enough for one line.
export function lineColumns(dataset: Dataset | undefined, columns: Column[], most: number): Column[] {
  const name = namingColumn(dataset, columns);
  const searched = new Set(dataset?.columns.filter((column) => column.search).map((column) => column.name));
  const keys = new Set(dataset?.columns.filter((column) => column.key).map((column) => column.name));
  const rest = columns.filter((column) => column !== name && column.name !== "~matches");
  const isPlace = (column: Column): boolean => keys.has(column.name) || /code$|^division$/i.test(column.name);
  const some = [...rest.filter((column) => searched.has(column.name)), ...rest.filter((column) => !searched.has(column.name))];
  const chosen = new Set([...some.filter((column) => !isPlace(column)), ...some.filter(isPlace)].slice(0, most - 1));
  // In the order of the dataset, which its owner chose.
  return [...(name ? [name] : []), ...rest.filter((column) => chosen.has(column))];
}

export function isNumeric(type: string): boolean {
  return type === "integer" || type === "decimal";
}

export const cellOf = (row: RowValues, column: Column): Cell => row[column.name] ?? null;
