// The row beside the list: which one, its fields, and the values shown in full for a minute.
import { computed, ref } from "vue";
import { readRow, reveal } from "@/api/reading";
import type { Cell, Column, Provenance, RowValues } from "@/api/types";
import { datasetOf } from "@/composables/frame/use_catalogue";
import { failureLine } from "@/composables/frame/use_failure";
import { usePurpose } from "@/composables/frame/use_purpose";

export interface OpenRow {
  dataset: string;
  key: string | null; // null: masked
  columns: Column[];
  row: RowValues;
  provenance: Provenance;
}

const kShownSeconds = 60;

const open = ref<OpenRow | null>(null);
const full = ref<Record<string, { value: Cell; left: number }>>({});
const trouble = ref("");
const asking = ref(""); // the column whose value is asked for in full
const entered = ref(0); // counts the wishes to be in the drawer with the keyboard
let asked = 0;
let ticking = 0;

function maskAll(): void {
  full.value = {};
  clearInterval(ticking);
  ticking = 0;
}

function tick(): void {
  const next: typeof full.value = {};
  for (const [name, shown] of Object.entries(full.value)) {
    if (shown.left > 1) next[name] = { value: shown.value, left: shown.left - 1 };
  }
  full.value = next;
  if (Object.keys(next).length === 0) maskAll();
}

// Shows what the list has at once, and all fields when they arrive.
async function show(row: OpenRow): Promise<void> {
  maskAll();
  trouble.value = "";
  asking.value = "";
  open.value = row;
  const mine = ++asked;
  if (row.key === null) return;
  try {
    const whole = await readRow(row.dataset, row.key, row.provenance.purpose);
    if (mine === asked && open.value) open.value = { ...row, columns: whole.columns, row: whole.row, provenance: whole.provenance };
  } catch (error) {
    if (mine === asked) trouble.value = failureLine(error);
  }
}

function close(): void {
  asked++;
  open.value = null;
  maskAll();
}

function enter(): void {
  entered.value++;
}

async function showInFull(column: string, purpose: string): Promise<void> {
  const row = open.value;
  if (!row || row.key === null) return;
  const answer = await reveal(row.dataset, row.key, purpose, column);
  if (open.value?.key !== row.key) return;
  asking.value = "";
  full.value = { ...full.value, [column]: { value: answer.row[column] ?? null, left: kShownSeconds } };
  if (!ticking) ticking = window.setInterval(tick, 1000);
}

function maskAgain(column: string): void {
  full.value = Object.fromEntries(Object.entries(full.value).filter(([name]) => name !== column));
}

export function useDrawer() {
  const dataset = computed(() => (open.value ? datasetOf(open.value.dataset) : undefined));
  const { purpose } = usePurpose();
  return { open, dataset, full, trouble, purpose, asking, entered, show, close, enter, showInFull, maskAgain };
}
