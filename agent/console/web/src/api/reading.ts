// Reads of data: each names its purpose.
import { addressOf, fetchFrom, send } from "./client";
import type { Dataset, Facets, Found, Row, Rows, SavedView } from "./types";

export interface RowsAsk {
  purpose: string;
  where: string[];
  order: string[];
  select?: string[];
  limit?: number;
  after?: string;
}

function parametersOf(ask: RowsAsk): Record<string, string | number | string[] | undefined> {
  return {
    purpose: ask.purpose,
    where: ask.where,
    order: ask.order.join(",") || undefined,
    select: ask.select?.join(",") || undefined,
    limit: ask.limit,
    after: ask.after,
  };
}

const at = (dataset: string): string => `/api/v1/datasets/${encodeURIComponent(dataset)}`;

export async function readDatasets(): Promise<Dataset[]> {
  return (await send<{ datasets: Dataset[] }>("GET", "/api/v1/datasets")).datasets;
}

export function search(q: string, purpose: string, signal: AbortSignal, dataset?: string): Promise<Found> {
  return send("GET", "/api/v1/search", { query: { q, purpose, dataset, limit: 50, matches: true }, signal });
}

export function readRows(dataset: string, ask: RowsAsk, signal?: AbortSignal): Promise<Rows> {
  return send("GET", `${at(dataset)}/rows`, { query: parametersOf(ask), headers: { Prefer: "count=exact" }, signal });
}

export function readFacets(dataset: string, ask: RowsAsk, columns: string[], signal?: AbortSignal): Promise<Facets> {
  const { purpose, where } = ask;
  return send("GET", `${at(dataset)}/facets`, { query: { purpose, where, columns: columns.join(",") }, signal });
}

export function readRow(dataset: string, key: string, purpose: string, signal?: AbortSignal): Promise<Row> {
  return send("GET", `${at(dataset)}/rows/${encodeURIComponent(key)}`, { query: { purpose }, signal });
}

export function reveal(dataset: string, key: string, purpose: string, column: string): Promise<Row> {
  return send("POST", `${at(dataset)}/rows/${encodeURIComponent(key)}/reveal`, {
    query: { purpose },
    body: { column },
  });
}

export interface ExportedFile {
  blob: Blob;
  entry: number | null; // of the ledger
}

export async function exportRows(dataset: string, ask: RowsAsk, form: "csv" | "xlsx"): Promise<ExportedFile> {
  const query = { ...parametersOf(ask), limit: 0 };
  const response = await fetchFrom("GET", `${at(dataset)}/rows.${form}`, { query });
  const blob = await response.blob();
  const named = response.headers.get("Rootlet-Export") ?? response.headers.get("Rootlet-Ledger-Entry");
  const number = named ? /\d+/.exec(named) : null;
  return { blob, entry: number ? Number(number[0]) : null };
}

export async function saveView(view: SavedView): Promise<string> {
  return (await send<{ id: string }>("POST", "/api/v1/views", { body: view })).id;
}

export async function readView(id: string): Promise<SavedView> {
  const answer = await send<SavedView | { view: SavedView }>("GET", `/api/v1/views/${encodeURIComponent(id)}`);
  return "view" in answer ? answer.view : answer;
}

export { addressOf };
