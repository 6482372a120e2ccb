// A CSV file as a table, read here; a workbook is the agent's to read. UTF-8, or GB 18030 as spreadsheets save it.
import type { SheetTable } from "@/api/types";

export const isCsv = (file: File): boolean => /\.csv$/i.test(file.name) || file.type === "text/csv";

export function decodeCsv(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("gb18030").decode(bytes);
  }
}

// RFC 4180: quotes around cells, doubled inside them.
export function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const match of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    const [, quoted, bare = "", end] = match;
    row.push(quoted === undefined ? bare : quoted.replace(/""/g, '"'));
    if (end === ",") continue;
    if (row.some((cell) => cell.trim() !== "")) rows.push(row);
    row = [];
    if (end === "") break;
  }
  return rows;
}

export async function readCsv(file: File): Promise<SheetTable> {
  const [head = [], ...rows] = parseCsv(decodeCsv(await new Response(file).arrayBuffer()));
  return { columns: head, rows };
}
