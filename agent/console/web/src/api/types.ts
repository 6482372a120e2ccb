// The words of the API as the console uses them. Those of the OpenAPI document come from the generated
// schema; what it describes only as an object is spelled out here.
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Text = Schemas["Text"];
export type Cell = string | number | boolean | null;
export type RowValues = Record<string, Cell>;
export type Role = Schemas["Session"]["roles"][number];
export type Session = Schemas["Session"];
export type RecordState = Schemas["RecordSummary"]["state"];
export type LedgerEntry = Schemas["LedgerEntry"];
export type ExportMark = Schemas["Export"];
export type Column = Schemas["Column"];

export type Provenance = Schemas["Provenance"] & {
  contact?: string;
  covers_no_data?: boolean;
  damaged?: boolean;
};

export interface Grant {
  access: string;
  purposes: string[];
  divisions: string[];
  max_grade: number;
  mode: string;
  export: boolean;
  basis?: string;
  scenario?: string;
  approver?: string;
  until: string;
  lease_until: string;
}

export interface CatalogueColumn {
  name: string;
  type: string;
  key: boolean;
  search: boolean;
  grade: number;
  title: Text;
}

export interface Dataset {
  id: string;
  title: Text;
  provider: { code: string; name: Text };
  update: string;
  sharing: string;
  uses: string[];
  scope?: Text | string;
  reason?: Text | string;
  basis?: Text | string;
  columns: CatalogueColumn[];
  granted: boolean;
  grant?: Grant;
}

export interface Rows {
  provenance: Provenance;
  columns: Column[];
  rows: RowValues[];
  limited: boolean;
  count?: number;
  next?: string | null;
  total?: number;
  export?: ExportMark;
}

export interface Row {
  provenance: Provenance;
  columns: Column[];
  row: RowValues;
}

// Where a search met a row: characters of a column's shown text.
export interface Match {
  column: string;
  begin: number;
  end: number;
  pinyin?: boolean;
}

export type FoundRow = RowValues & { "~matches"?: Cell | Match[] };

export interface FoundIn {
  provenance: Provenance;
  columns: Column[];
  rows: FoundRow[];
}

// A record of this office that the platform has not accepted, and its fields that match.
export interface OwnRecord {
  id: string;
  kind: string;
  form: string;
  state: RecordState;
  at: string;
  subject?: string;
  fields: { name: string; text: string; begin: number; end: number; pinyin: boolean }[];
}

export interface Found {
  results: FoundIn[];
  limited: boolean;
  own_records?: { records: OwnRecord[]; more: boolean };
  error?: { message: string };
}

export interface Facet {
  column: string;
  title: Text;
  values: { value: Cell; count: number }[];
  others?: number;
}

export interface Facets {
  matches: number;
  exact: boolean;
  facets: Facet[];
}

export interface Choice {
  value: string;
  title: Text;
}

export interface Field {
  name: string;
  type: string;
  title: Text;
  required: boolean;
  choices?: Choice[];
  tags?: string[];
  hint?: Text;
  min?: string | null;
  max?: string | null;
  max_length?: number;
  pattern?: string | null;
  column?: string | null;
}

export interface Form {
  id: string;
  version: number;
  title: Text;
  purpose?: Text;
  basis?: Text;
  unit?: Text;
  contact?: Text;
  retention_days?: number;
  prefill?: { dataset: string; key_field: string; purpose?: string } | null;
  fields: Field[];
}

export type Values = Record<string, string | number | boolean>;

export interface Mistake {
  record: number;
  field: string;
  title: Text;
  reason: string;
  words: Text;
}

export interface Checked {
  valid: boolean;
  mistakes: Mistake[];
}

export interface Prefilled {
  form: string;
  values: Values;
  fields: { name: string; title: Text; value: Cell; words?: Text }[];
  source: Provenance;
}

export interface Saved {
  form: string;
  records: { id: string; state: string; subject?: string }[];
}

export interface Draft {
  id: string;
  form: string;
  form_title?: Text;
  values: Values;
  saved_at: string;
  subject?: string;
}

export interface Objection {
  field: string;
  title?: Text;
  reason: string;
  words: Text;
}

export interface RecordSummary {
  id: string;
  kind: string;
  form: string;
  form_title?: Text;
  subject?: string;
  state: RecordState;
  attempt?: number;
  at: string;
  saved_at: string;
  objections: Objection[];
  erased?: boolean;
  too_large?: { bytes: number; words: Text };
}

export interface RecordDetail extends RecordSummary {
  form_version?: number;
  values: Values;
  fields: { name: string; title: Text; value: Cell; words?: Text }[];
  chain?: string;
  sequence?: number;
  batch?: string;
  receipts?: string[];
  steps?: { state: RecordState; at: string | null }[];
}

// What a clerk prints as proof. The signatures are base64.
export interface Receipt {
  id: string;
  form: string;
  form_title: Text;
  subject: string;
  state: RecordState;
  attempt: number;
  states: { state: RecordState; at: string }[];
  receipt: string;
  judgement: string | null;
  statement_key: string;
  judgement_key: string;
  office: { id: string; name: string; division: string };
  realm: { id: string; name: string };
}

export type SheetTable = Pick<Schemas["Sheet"], "columns" | "rows" | "lines" | "truncated">;

export interface Watch {
  id: string;
  name: string;
  dataset: string;
  purpose: string;
  where: string[];
  made: string;
  permitted: boolean;
  new: number;
  changed: number;
  vanished: number;
}

export interface WatchHit {
  kind: "new" | "changed" | "vanished";
  key: Cell[];
  row: RowValues | null;
}

export interface WatchHits {
  name: string;
  dataset: string;
  purpose: string;
  hits: WatchHit[];
  more: boolean;
  provenance?: Provenance; // of their rows
}

export interface StreamStatus {
  partition: string;
  version: number;
  head_version: number;
  state: string;
  rows: number;
  as_of: string | null;
}

export interface DatasetStatus {
  id: string;
  title: Text;
  access: string;
  streams: StreamStatus[];
  rows: number;
  as_of: string | null;
  lease_until: string;
  stale: boolean;
  covers_no_data?: boolean;
  error?: { message: string };
}

export interface SyncReport {
  at: string;
  result: string;
  bytes_down: number;
  bytes_up: number;
  requests: number;
  packs: number;
  rows: number;
  seconds: number;
  had_news?: boolean;
  error?: { message: string; code?: string };
}

export interface OutboxCounts {
  draft: number;
  saved: number;
  sealed: number;
  received: number;
  accepted: number;
  returned: number;
  error?: { message: string };
}

export interface Status {
  state: string;
  office: { id: string; name: string; division: string } | null;
  realm: { id: string; name: string } | null;
  suspended?: boolean;
  version?: string;
  contact?: string;
  clock?: { now: string; ok: boolean };
  trust?: { fresh: boolean; expires?: string };
  last_sync?: SyncReport | null;
  last_change?: SyncReport | null;
  sync?: SyncProgress | null; // of a sync that runs now
  link?: { month: string; month_bytes: number; monthly_bytes: number; bytes_per_second: number };
  datasets?: DatasetStatus[];
  damage?: { file: string; found: string; what: string }[];
  outbox?: OutboxCounts;
  disk?: { home_bytes: number; free_bytes: number };
}

export interface SyncProgress {
  phase: string;
  stream: string;
  packs_done: number;
  packs_total: number;
  bytes_done: number;
  bytes_total: number;
  seconds_expected?: number; // of the whole
}

export interface Finding {
  name: string;
  state: "ok" | "note" | "wrong";
  words: Text;
  advice: Text;
}

export interface Doctor {
  healthy: boolean;
  checks: Finding[];
}

export interface Traffic {
  days: { day: string; bytes_down: number; bytes_up: number }[]; // of this month and the last, where there was traffic
  month?: string;
  budget_bytes?: number | null;
}

export interface SqlTable {
  table: string;
  title: Text;
  join: string[];
  columns: { name: string; type: string; key: boolean; masked: boolean; title: Text }[];
}

export interface SqlAnswer {
  columns: Column[];
  rows: Cell[][];
  provenance?: Partial<Provenance>;
  limited: boolean;
  cut?: string;
}

export interface SavedQuery {
  name: string;
  statement: string;
  purpose: string;
}

// What a link stands for; kept by the agent, so that no value gets into an address.
export interface SavedView {
  dataset: string;
  purpose: string;
  where: string[];
  order: string[];
  columns: string[];
}
