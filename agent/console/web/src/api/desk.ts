// The session, the state of the agent, watches, SQL and the ledger.
import { send } from "./client";
import type {
  Cell, Doctor, LedgerEntry, SavedQuery, Session, SqlAnswer, SqlTable, Status, SyncReport, Traffic, Watch,
  WatchHits,
} from "./types";

export const readSession = (): Promise<Session> => send("GET", "/api/v1/session");
export const leave = (): Promise<void> => send("DELETE", "/api/v1/session");
export const readStatus = (): Promise<Status> => send("GET", "/api/v1/status");
export const readDoctor = (): Promise<Doctor> => send("GET", "/api/v1/doctor");
export const readTraffic = (): Promise<Traffic> => send("GET", "/api/v1/traffic");
export const syncNow = (): Promise<SyncReport> => send("POST", "/api/v1/sync", { body: { now: true } });

export async function readWatches(): Promise<Watch[]> {
  return (await send<{ watches: Watch[] }>("GET", "/api/v1/watches")).watches;
}

export function addWatch(watch: { name: string; dataset: string; purpose: string; where: string[] }): Promise<Watch> {
  return send("POST", "/api/v1/watches", { body: watch });
}

const watchAt = (name: string): string => `/api/v1/watches/${encodeURIComponent(name)}`;
export const readHits = (name: string): Promise<WatchHits> => send("GET", watchAt(name));
export const markSeen = (name: string): Promise<unknown> => send("POST", `${watchAt(name)}/seen`, { body: {} });
export const removeWatch = (name: string): Promise<unknown> => send("DELETE", watchAt(name));

export async function readSqlTables(purpose: string): Promise<SqlTable[]> {
  return (await send<{ tables: SqlTable[] }>("GET", "/api/v1/sql/tables", { query: { purpose } })).tables;
}

export interface SqlAsk {
  purpose: string;
  statement: string;
  parameters: Record<string, Cell>;
  limit: number;
}

export const runSql = (ask: SqlAsk, signal?: AbortSignal): Promise<SqlAnswer> =>
  send("POST", "/api/v1/sql", { body: ask, signal });

export async function readSavedQueries(): Promise<SavedQuery[]> {
  return (await send<{ queries: SavedQuery[] }>("GET", "/api/v1/sql/saved")).queries;
}

export const saveQuery = (query: SavedQuery): Promise<unknown> => send("POST", "/api/v1/sql/saved", { body: query });
export const dropQuery = (name: string): Promise<unknown> =>
  send("DELETE", `/api/v1/sql/saved/${encodeURIComponent(name)}`);

export async function readLedger(limit: number): Promise<{ entries: LedgerEntry[]; limited: boolean }> {
  return send("GET", "/api/v1/ledger", { query: { limit } });
}

export interface Verified {
  intact: boolean;
  entries: number;
}

export const verifyLedger = (): Promise<Verified> => send("POST", "/api/v1/ledger/verify", { body: {} });
