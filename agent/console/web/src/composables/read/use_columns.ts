// Which columns a table shows, in which order and how wide: kept on this machine by dataset.
import { computed, ref, watch, type Ref } from "vue";
import type { Column, Dataset, RowValues } from "@/api/types";
import { language, textOf } from "@/words/language";
import { shownCell } from "@/words/shown";
import { lineColumns, isNumeric } from "./rows";

interface Layout {
  names: string[];
  widths: Record<string, number>;
}

const kFirstColumns = 7; // what a usual screen has beside the groups
const kLeast = 72;

function isLayout(value: unknown): value is Layout {
  return typeof value === "object" && value !== null && Array.isArray((value as Layout).names) &&
    typeof (value as Layout).widths === "object";
}

function keptLayout(place: string): Layout | null {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(place) ?? "null");
    return isLayout(value) ? value : null;
  } catch {
    return null;
  }
}

const kSample = 60; // rows by which a width is guessed
const kMostGuessed = 280;

// Chinese characters are about twice as wide as digits and letters.
const wide = (text: string): number => Array.from(text).reduce((sum, one) => sum + (one.charCodeAt(0) > 0x2e7f ? 15 : 8.5), 0);

export function usualWidth(column: Column, rows: RowValues[]): number {
  const cells = rows.slice(0, kSample).map((row) => wide(shownCell(row[column.name], column.type)) * (column.masked ? 1.1 : 1));
  const title = wide(textOf(column.title)) + (isNumeric(column.type) ? 32 : 24);
  return Math.ceil(Math.min(kMostGuessed, Math.max(kLeast, title, ...cells.map((one) => one + 28))));
}

export function useColumns(dataset: Ref<Dataset | undefined>, columns: Ref<Column[]>, rows: Ref<RowValues[]>) {
  const layout = ref<Layout>({ names: [], widths: {} });
  const place = computed(() => `rootlet.columns.${dataset.value?.id ?? ""}`);

  watch([place, () => columns.value.map((one) => one.name).join()], () => {
    const first = lineColumns(dataset.value, columns.value, kFirstColumns).map((one) => one.name);
    layout.value = keptLayout(place.value) ?? { names: first, widths: {} };
  }, { immediate: true });

  const shown = computed(() => {
    const found = layout.value.names.map((name) => columns.value.find((one) => one.name === name));
    return found.filter((one): one is Column => one !== undefined);
  });
  // Guessed once for a set of columns, so that they do not jump while pages come.
  const guessed = ref<Record<string, number>>({});
  watch([() => columns.value.map((one) => one.name).join(), () => rows.value.length > 0, language], () => {
    guessed.value = Object.fromEntries(columns.value.map((one) => [one.name, usualWidth(one, rows.value)]));
  }, { immediate: true });
  const widthOf = (column: Column): number => layout.value.widths[column.name] ?? guessed.value[column.name] ?? kLeast;

  function set(next: Partial<Layout>): void {
    layout.value = { ...layout.value, ...next };
    localStorage.setItem(place.value, JSON.stringify(layout.value));
  }
  function toggle(name: string): void {
    const names = layout.value.names;
    const next = names.includes(name) ? names.filter((one) => one !== name) : [...names, name];
    if (next.length > 0) set({ names: next });
  }
  function move(name: string, by: -1 | 1): void {
    const names = [...layout.value.names];
    const at = names.indexOf(name);
    const to = at + by;
    if (at < 0 || to < 0 || to >= names.length) return;
    names.splice(at, 1);
    names.splice(to, 0, name);
    set({ names });
  }
  function setWidth(name: string, width: number): void {
    set({ widths: { ...layout.value.widths, [name]: Math.max(kLeast, Math.round(width)) } });
  }
  return { shown, widthOf, toggle, move, setWidth };
}
