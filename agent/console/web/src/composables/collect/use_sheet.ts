// A spreadsheet on its way into records: parsed by the agent, matched by title, checked; the right rows can be
// saved while the wrong ones are mended.
import { computed, ref, watch } from "vue";
import { checkRecords, parseSheet, saveRecords } from "@/api/collecting";
import type { Form, Mistake, SheetTable } from "@/api/types";
import { failureLine } from "@/composables/frame/use_failure";
import { byField, valuesOf, type Typed } from "./form_values";
import { matchColumns, missingFields, recordsOf, type Mapping } from "./sheet_match";

const kAtOnce = 100; // records of one check: an answer has a limited number of mistakes

export interface SheetRow {
  line: number; // in the file, as a spreadsheet numbers it
  typed: Typed;
  mistakes: Record<string, string>;
}

export function useSheet(form: Form) {
  const table = ref<SheetTable | null>(null);
  const mapping = ref<Mapping>([]);
  const rows = ref<SheetRow[]>([]);
  const isBusy = ref(false);
  const trouble = ref("");
  const savedCount = ref(0);

  const missing = computed(() => missingFields(form, mapping.value));
  const wrong = computed(() => rows.value.filter((row) => Object.keys(row.mistakes).length > 0));
  const right = computed(() => rows.value.filter((row) => Object.keys(row.mistakes).length === 0));

  async function guarded(act: () => Promise<void>): Promise<void> {
    isBusy.value = true;
    trouble.value = "";
    try {
      await act();
    } catch (error) {
      trouble.value = failureLine(error);
    }
    isBusy.value = false;
  }

  async function check(some: SheetRow[]): Promise<void> {
    for (let at = 0; at < some.length; at += kAtOnce) {
      const part = some.slice(at, at + kAtOnce);
      const { mistakes } = await checkRecords(form.id, part.map((row) => valuesOf(form, row.typed)));
      part.forEach((row, index) => (row.mistakes = mistakesOf(mistakes, index + 1)));
    }
    rows.value = [...rows.value];
  }
  const mistakesOf = (all: Mistake[], record: number): Record<string, string> => byField(all, record);

  async function checkAll(): Promise<void> {
    if (!table.value) return;
    rows.value = recordsOf(form, table.value, mapping.value).map((typed, at) => ({ line: table.value?.lines[at] ?? 0, typed, mistakes: {} }));
    if (missing.value.length === 0) await check(rows.value);
  }
  const read = (file: File): Promise<void> => guarded(async () => {
    savedCount.value = 0;
    table.value = await parseSheet(file);
    mapping.value = matchColumns(form, table.value.columns);
    await checkAll();
  });
  const checkWrong = (): Promise<void> => guarded(() => check(wrong.value));
  const recheck = (row: SheetRow): Promise<void> => guarded(() => check([row]));
  const saveRight = (): Promise<void> => guarded(async () => {
    const going = right.value;
    await saveRecords(form.id, going.map((row) => valuesOf(form, row.typed)));
    savedCount.value += going.length;
    rows.value = rows.value.filter((row) => !going.includes(row));
    if (rows.value.length === 0) table.value = null;
  });
  function close(): void {
    table.value = null;
    rows.value = [];
    savedCount.value = 0;
    trouble.value = "";
  }
  watch(mapping, (next, last) => {
    if (last.length > 0 && next !== last) void guarded(checkAll);
  });
  return { table, mapping, rows, wrong, right, missing, isBusy, trouble, savedCount, read, recheck, checkWrong, saveRight, close };
}
