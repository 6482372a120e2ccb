// Which columns a table shows, in which order and how wide: kept on this machine by dataset.
import { computed, ref, watch, type Ref } from "vue";
import type { Column, Dataset } from "@/api/types";
import { lineColumns, isNumeric } from "./rows";

interface Layout {
  names: string[];
  widths: Record<string, number>;
}

const kFirstColumns = 8;
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

export function usualWidth(column: Column): number {
  const title = Math.max(column.title.zh.length * 16, column.title.en.length * 8) + 40;
  const content = column.type === "date" ? 112 : column.type === "boolean" ? 72 : isNumeric(column.type) ? 104
    : column.masked ? 184 : /code|number|^id$|household/i.test(column.name) ? 152 : /address/i.test(column.name) ? 260 : 136;
  return Math.max(title, content);
}

export function useColumns(dataset: Ref<Dataset | undefined>, columns: Ref<Column[]>) {
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
  const widthOf = (column: Column): number => layout.value.widths[column.name] ?? usualWidth(column);

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
