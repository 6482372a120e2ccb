// Forms, drafts, records and sheets.
import { ApiProblem, send } from "./client";
import type {
  Checked, Draft, Form, Prefilled, Receipt, RecordDetail, RecordSummary, Saved, SheetTable, Values,
} from "./types";

export async function readForms(): Promise<Form[]> {
  return (await send<{ forms: Form[] }>("GET", "/api/v1/forms")).forms;
}

export function prefill(form: string, keyField: string, key: string, purpose?: string): Promise<Prefilled> {
  const query = { purpose, [keyField]: key };
  return send("GET", `/api/v1/forms/${encodeURIComponent(form)}/prefill`, { query });
}

export function checkRecords(form: string, records: Values[]): Promise<Checked> {
  return send("POST", "/api/v1/records/check", { body: { form, records } });
}

export function saveRecords(form: string, records: Values[]): Promise<Saved> {
  return send("POST", "/api/v1/records", { body: { form, records } });
}

// The draft becomes the record; asked twice, it is saved once.
export function saveFromDraft(form: string, values: Values, id: string): Promise<Saved> {
  return send("POST", "/api/v1/records", { body: { form, values, id } });
}

export async function saveDraft(form: string, values: Values, id?: string): Promise<string> {
  const body = id ? { form, values, id } : { form, values };
  return (await send<{ id: string }>("POST", "/api/v1/drafts", { body, outlivesPage: true })).id;
}

export async function readDrafts(): Promise<Draft[]> {
  return (await send<{ drafts: Draft[] }>("GET", "/api/v1/drafts")).drafts;
}

export function dropDraft(id: string): Promise<void> {
  return send("DELETE", `/api/v1/drafts/${encodeURIComponent(id)}`);
}

export function parseSheet(file: Blob): Promise<SheetTable> {
  return send("POST", "/api/v1/sheets", { raw: file });
}

export async function readOutbox(): Promise<{ records: RecordSummary[]; limited: boolean }> {
  return send("GET", "/api/v1/outbox", { query: { limit: 500 } });
}

export function readRecord(id: string): Promise<RecordDetail> {
  return send("GET", `/api/v1/outbox/${encodeURIComponent(id)}`);
}

export function fixRecord(id: string, values: Values): Promise<{ id: string; state: string }> {
  return send("PUT", `/api/v1/outbox/${encodeURIComponent(id)}`, { body: { values } });
}

export function readReceipt(id: string): Promise<Receipt> {
  return send("GET", `/api/v1/outbox/${encodeURIComponent(id)}/receipt`);
}

// Forms do not say yet by which field they are prefilled; asked without one, the agent names it.
export async function keyFieldOf(form: string): Promise<string | null> {
  try {
    await send("GET", `/api/v1/forms/${encodeURIComponent(form)}/prefill`);
    return null;
  } catch (error) {
    return error instanceof ApiProblem ? (error.problem.field ?? null) : null;
  }
}
