// The search box and what it found. It asks 80 ms after the last key; an answer to an older text is dropped.
// The texts stay in memory only.
import { computed, ref, shallowRef, watch } from "vue";
import { isAborted } from "@/api/client";
import { search, type FoundInAll } from "@/api/reading";
import type { FoundIn, OwnRecord } from "@/api/types";
import { usePurpose } from "@/composables/frame/use_purpose";
import { failureOf, type Failure } from "@/composables/frame/use_failure";

const kPauseMs = 80;
const kRecent = 6;

const query = ref("");
const found = shallowRef<FoundInAll | null>(null);
const own = computed<OwnRecord[]>(() => found.value?.own_records?.records ?? []);
const answered = ref(""); // the text of `found`
const isBusy = ref(false);
const seconds = ref(0);
const failure = ref<Failure | null>(null);
const recent = ref<string[]>([]);
let timer = 0;
let running: AbortController | null = null;

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
  } catch (error) {
    if (isAborted(error)) return;
    found.value = null;
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
  const { purpose } = usePurpose();
  watch([query, purpose, readable], ([text, why]) => {
    clearTimeout(timer);
    if (!text.trim() || !why) {
      running?.abort();
      found.value = null;
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

