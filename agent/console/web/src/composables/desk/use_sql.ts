// A statement, its parameters, its answer, and the saved ones.
import { computed, reactive, ref, watch } from "vue";
import { ApiProblem, isAborted } from "@/api/client";
import { dropQuery, readSavedQueries, readSqlTables, runSql, saveQuery } from "@/api/desk";
import type { Cell, Column, Provenance, SavedQuery, SqlTable } from "@/api/types";
import { failureLine } from "@/composables/frame/use_failure";
import { usePurpose } from "@/composables/frame/use_purpose";
import { textOf } from "@/words/language";

const kRows = 1000;

// Cells in the order of the columns, because two of these may have one name.
export interface SqlResult {
  columns: Column[];
  rows: Cell[][];
  isCut: boolean;
  milliseconds: number;
}

// Names after a colon, outside of quotes.
export function parametersIn(statement: string): string[] {
  const bare = statement.replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*/g, "");
  const names = new Set<string>();
  for (const match of bare.match(/:[A-Za-z_]\w*/g) ?? []) names.add(match.slice(1));
  return [...names];
}

// A computed column has no title but the name that the statement gives it.
const titled = (column: Column): Column => (textOf(column.title) ? column : { ...column, title: { zh: column.name, en: column.name } });

function parameterOf(text: string): Cell {
  return /^-?\d{1,15}$/.test(text) && !/^-?0\d/.test(text) && text.length < 12 ? Number(text) : text;
}

const statement = ref(""); // stays while the page is open

export function putStatement(text: string): void {
  statement.value = text;
}

export function useSql() {
  const { purpose } = usePurpose();
  const tables = ref<SqlTable[]>([]);
  const saved = ref<SavedQuery[]>([]);
  const parameters = reactive<Record<string, string>>({});
  const result = ref<SqlResult | null>(null);
  const provenance = ref<Provenance | null>(null);
  const trouble = ref("");
  const isBusy = ref(false);
  const isMissing = ref(false);
  let running: AbortController | null = null;
  const names = computed(() => parametersIn(statement.value));

  async function load(): Promise<void> {
    try {
      tables.value = purpose.value ? await readSqlTables(purpose.value) : [];
      saved.value = await readSavedQueries();
      isMissing.value = false;
    } catch (error) {
      isMissing.value = error instanceof ApiProblem && error.isMissing;
      if (!isMissing.value) trouble.value = failureLine(error);
    }
  }
  async function run(): Promise<void> {
    if (!statement.value.trim()) return;
    running?.abort();
    running = new AbortController();
    isBusy.value = true;
    trouble.value = "";
    const begin = performance.now();
    const given: Record<string, Cell> = {};
    for (const name of names.value) given[name] = parameterOf(parameters[name] ?? "");
    try {
      const answer = await runSql({ purpose: purpose.value, statement: statement.value, parameters: given, limit: kRows }, running.signal);
      const isCut = answer.limited || Boolean(answer.cut);
      result.value = { columns: answer.columns.map(titled), rows: answer.rows, isCut, milliseconds: Math.round(performance.now() - begin) };
      provenance.value = answer.provenance?.dataset ? (answer.provenance as Provenance) : null;
    } catch (error) {
      if (!isAborted(error)) {
        trouble.value = failureLine(error);
        result.value = null;
      }
    }
    isBusy.value = false;
  }
  const stop = (): void => running?.abort();
  async function act(change: Promise<unknown>): Promise<void> {
    try {
      await change;
      saved.value = await readSavedQueries();
    } catch (error) {
      trouble.value = failureLine(error);
    }
  }
  const keep = (name: string): Promise<void> => act(saveQuery({ name, statement: statement.value, purpose: purpose.value }));
  const drop = (name: string): Promise<void> => act(dropQuery(name));
  watch(purpose, () => void load(), { immediate: true });
  return { statement, tables, saved, parameters, names, result, provenance, trouble, isBusy, isMissing, run, stop, keep, drop };
}
