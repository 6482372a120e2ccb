// Speaks to the agent. Every failure is an ApiProblem with words for people; a read names its purpose, a
// change carries the session's token.
import { currentLanguage } from "@/words/language";

export interface Problem {
  status: number; // 0: the agent does not answer
  code: string;
  title: string;
  detail: string;
  message: string;
  remedy: string;
  field?: string;
}

export class ApiProblem extends Error {
  constructor(readonly problem: Problem) {
    super(problem.message);
  }
  // The route is not there: an older agent.
  get isMissing(): boolean {
    return this.problem.status === 404 && this.problem.field === "address";
  }
  get isSilent(): boolean {
    return this.problem.status === 0;
  }
}

export type Query = Record<string, string | number | boolean | string[] | undefined>;

export interface Ask {
  query?: Query;
  body?: unknown;
  raw?: Blob;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  outlivesPage?: boolean; // goes on when the page is closed
}

let token: string | null = null;
let onSignedOut: () => void = () => undefined;

export function holdToken(csrf: string | null): void {
  token = csrf;
}

export function whenSignedOut(act: () => void): void {
  onSignedOut = act;
}

export function addressOf(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === "") continue;
    for (const one of Array.isArray(value) ? value : [value]) search.append(name, String(one));
  }
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}

const kMostOutliving = 60_000; // characters: browsers end at 64 KiB

function headersOf(method: string, ask: Ask): Record<string, string> {
  const headers: Record<string, string> = { "Accept-Language": currentLanguage(), ...ask.headers };
  if (ask.body !== undefined) headers["Content-Type"] = "application/json";
  if (ask.raw) headers["Content-Type"] = ask.raw.type || "application/octet-stream";
  if (method !== "GET" && token) headers["X-CSRF-Token"] = token;
  return headers;
}

const kNothing: Problem = { status: 0, code: "unreachable", title: "", detail: "", message: "", remedy: "" };

async function problemOf(response: Response): Promise<ApiProblem> {
  const given = (await response.json().catch(() => ({}))) as Partial<Problem>;
  return new ApiProblem({ ...kNothing, message: given.title ?? "", ...given, status: response.status });
}

export async function fetchFrom(method: string, path: string, ask: Ask = {}): Promise<Response> {
  let response: Response;
  const body = ask.raw ?? (ask.body === undefined ? null : JSON.stringify(ask.body));
  try {
    response = await fetch(addressOf(path, ask.query), {
      method,
      credentials: "same-origin",
      cache: "no-store",
      headers: headersOf(method, ask),
      body,
      keepalive: ask.outlivesPage === true && typeof body === "string" && encodeURIComponent(body).length < kMostOutliving,
      signal: ask.signal ?? null,
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiProblem(kNothing);
  }
  if (response.ok) return response;
  if (response.status === 401) onSignedOut();
  throw await problemOf(response);
}

export async function send<T>(method: string, path: string, ask: Ask = {}): Promise<T> {
  const response = await fetchFrom(method, path, ask);
  if (response.status === 204) return undefined as T;
  return (await response.json()) as T;
}

export function isAborted(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}
