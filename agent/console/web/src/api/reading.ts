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

export const kMostFound = 50; // rows of one dataset

// Each dataset is asked on its own: its rows have its own columns and source, and its own limit, whatever the
// others do. One that is refused or not here yet hides no other.
export async function search(q: string, purpose: string, datasets: string[], signal: AbortSignal): Promise<Found> {
  const ask = (dataset: string): Promise<Found> =>
    send("GET", "/api/v1/search", { query: { q, purpose, dataset, limit: kMostFound, matches: true }, signal });
  const answers = await Promise.all(datasets.map((one) => ask(one).catch((error: unknown) => error)));
  const found = answers.filter((one): one is Found => one !== null && typeof one === "object" && "results" in one);
  if (found.length === 0 && answers.length > 0) throw answers[0];
  return { results: found.flatMap((one) => one.results), limited: found.some((one) => one.limited) };
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
