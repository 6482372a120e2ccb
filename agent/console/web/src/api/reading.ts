// Reads of data: each names its purpose.
import { addressOf, ApiProblem, fetchFrom, send } from "./client";
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

const ask = (q: string, purpose: string, signal: AbortSignal, dataset?: string): Promise<Found> =>
  send("GET", "/api/v1/search", { query: { q, purpose, dataset, limit: kMostFound, matches: true }, signal });

export interface FoundInAll extends Found {
  failed: { dataset: string; error: unknown }[]; // where the search could not be done
}

// Each dataset on its own: one that cannot be searched hides no other.
async function searchEach(q: string, purpose: string, datasets: string[], signal: AbortSignal): Promise<FoundInAll> {
  const failed: FoundInAll["failed"] = [];
  const answers = await Promise.all(datasets.map(async (dataset) => {
    try {
      return await ask(q, purpose, signal, dataset);
    } catch (error) {
      failed.push({ dataset, error });
      return null;
    }
  }));
  const found = answers.filter((one): one is Found => one !== null);
  if (found.length === 0 && failed[0]) throw failed[0].error;
  return { results: found.flatMap((one) => one.results), limited: found.some((one) => one.limited), failed };
}

// All datasets at once, with the records of this office. If that fails, or ends early, the others still answer.
export async function search(q: string, purpose: string, datasets: string[], signal: AbortSignal): Promise<FoundInAll> {
  try {
    const found = await ask(q, purpose, signal);
    if (!found.error) return { ...found, failed: [] };
  } catch (error) {
    const mayHelp = error instanceof ApiProblem && error.problem.status >= 500 && datasets.length > 1;
    if (!mayHelp) throw error;
  }
  return searchEach(q, purpose, datasets, signal);
}

// All rows are counted in no time; those of conditions may take as long as it takes to look at each of them.
export function readRows(dataset: string, ask: RowsAsk, signal?: AbortSignal): Promise<Rows> {
  const headers: Record<string, string> = ask.where.length === 0 ? { Prefer: "count=exact" } : {};
  return send("GET", `${at(dataset)}/rows`, { query: parametersOf(ask), headers, signal });
}

export async function countRows(dataset: string, ask: RowsAsk, signal?: AbortSignal): Promise<number> {
  const query = { ...parametersOf({ ...ask, order: [] }), limit: 1 };
  return (await send<Rows>("GET", `${at(dataset)}/rows`, { query, headers: { Prefer: "count=exact" }, signal })).total ?? 0;
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

const kHeadBytes = 65_536; // more than the names of all columns have

// For people: with the mark without which spreadsheet programs take it for a file in the local code page, and titles
// instead of the names of columns.
async function csvForPeople(bytes: Blob, titles: string[]): Promise<Blob> {
  const [names = ""] = (await new Response(bytes.slice(0, kHeadBytes)).text()).split("\n", 1);
  const rest = bytes.slice(new TextEncoder().encode(names).length);
  const cells = titles.map((title) => (/[",\r\n]/.test(title) ? `"${title.replace(/"/g, '""')}"` : title));
  return new Blob(["\uFEFF", cells.join(","), rest], { type: bytes.type });
}

export async function exportRows(dataset: string, ask: RowsAsk, titles: string[], form: "csv" | "xlsx"): Promise<ExportedFile> {
  const query = { ...parametersOf(ask), limit: 0 };
  const response = await fetchFrom("GET", `${at(dataset)}/rows.${form}`, { query });
  const bytes = await response.blob();
  const blob = form === "csv" ? await csvForPeople(bytes, titles) : bytes;
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
