// The search box and what it found. It asks 80 ms after the last key; an answer to an older text is dropped.
// The texts stay in memory only.
import { computed, ref, watch } from "vue";
import { isAborted } from "@/api/client";
import { readOutbox } from "@/api/collecting";
import { search } from "@/api/reading";
import type { Found, FoundIn, OwnRecord, RecordSummary } from "@/api/types";
import { onNews } from "@/composables/frame/use_events";
import { usePurpose } from "@/composables/frame/use_purpose";
import { failureOf, type Failure } from "@/composables/frame/use_failure";

const kPauseMs = 80;
const kRecent = 6;

const query = ref("");
const found = ref<Found | null>(null);
const own = ref<OwnRecord[]>([]);
const answered = ref(""); // the text of `found`
const isBusy = ref(false);
const seconds = ref(0);
const failure = ref<Failure | null>(null);
const recent = ref<string[]>([]);
let timer = 0;
let running: AbortController | null = null;

function ownOf(record: RecordSummary): OwnRecord {
  const title = record.form_title ?? { zh: record.form, en: record.form };
  const fields = [{ name: "", title, text: record.subject ?? "" }];
  return { id: record.id, kind: record.kind, form: record.form, state: record.state, at: record.at, fields };
}

// Records of this office, read once and again when they change.
let outbox: Promise<RecordSummary[]> | null = null;

async function ownRecords(text: string): Promise<OwnRecord[]> {
  const wanted = text.trim().toLowerCase();
  outbox = outbox ?? readOutbox().then((answer) => answer.records);
  const records = await outbox;
  return records.filter((one) => one.state !== "accepted" && (one.subject ?? "").toLowerCase().includes(wanted)).map(ownOf);
}

const { readable } = usePurpose();

function searchedDatasets(): string[] {
  return readable.value.filter((one) => one.columns.some((column) => column.search)).map((one) => one.id);
}

async function ask(text: string, purpose: string): Promise<void> {
  running?.abort();
  const mine = (running = new AbortController());
  isBusy.value = true;
  const begin = performance.now();
  try {
    const answer = await search(text, purpose, searchedDatasets(), mine.signal);
    if (mine.signal.aborted) return;
    seconds.value = (performance.now() - begin) / 1000;
    found.value = answer;
    answered.value = text;
    failure.value = null;
    own.value = await ownRecords(text).catch(() => []);
  } catch (error) {
    if (isAborted(error)) return;
    found.value = null;
    own.value = [];
    answered.value = text;
    failure.value = failureOf(error);
  }
  isBusy.value = false;
}

export function clearSearch(): void {
  query.value = "";
}

export function keepRecent(): void {
  const text = answered.value.trim();
  if (text) recent.value = [text, ...recent.value.filter((one) => one !== text)].slice(0, kRecent);
}

export function forgetRecent(): void {
  recent.value = [];
}

let began = false;
export function beginSearch(): void {
  if (began) return;
  began = true;
  onNews("outbox", () => (outbox = null));
  const { purpose } = usePurpose();
  watch([query, purpose, readable], ([text, why]) => {
    clearTimeout(timer);
    if (!text.trim() || !why) {
      running?.abort();
      found.value = null;
      own.value = [];
      answered.value = "";
      isBusy.value = false;
      failure.value = null;
      return;
    }
    timer = window.setTimeout(() => void ask(text.trim(), why), kPauseMs);
  });
}

export function useSearch() {
  const groups = computed<FoundIn[]>(() => found.value?.results.filter((one) => one.rows.length > 0) ?? []);
  const total = computed(() => groups.value.reduce((sum, one) => sum + one.rows.length, 0));
  return { query, found, groups, own, total, answered, isBusy, seconds, failure, recent };
}

