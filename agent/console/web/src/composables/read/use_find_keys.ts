// The keys of the search box over its results: ↑ ↓ move, Enter opens the first or the chosen one, → opens the
// drawer beside the list, Esc goes back a step with everything as it was.
import { computed, ref, watch } from "vue";
import type { FoundIn, FoundRow } from "@/api/types";
import { datasetOf } from "@/composables/frame/use_catalogue";
import { keyOf } from "./rows";
import { useDrawer } from "./use_drawer";
import { keepRecent, useSearch } from "./use_search";

const kFew = 5; // of a dataset, until all are asked for

const at = ref(-1);
const opened = ref<Set<string>>(new Set()); // datasets of which all are shown

export interface Hit {
  id: string;
  group: FoundIn;
  row: FoundRow;
}

const { groups, answered, query } = useSearch();
const { open, show, close, enter } = useDrawer();

const rowsShown = (group: FoundIn): FoundRow[] =>
  opened.value.has(group.provenance.dataset) ? group.rows : group.rows.slice(0, kFew);

const hits = computed<Hit[]>(() => groups.value.flatMap((group) =>
  rowsShown(group).map((row, index) => ({ id: `hit-${group.provenance.dataset}-${index}`, group, row }))));

watch(answered, () => {
  at.value = -1;
  opened.value = new Set();
});

function openHit(hit: Hit): void {
  keepRecent();
  at.value = hits.value.findIndex((one) => one.id === hit.id);
  const { columns, provenance } = hit.group;
  const { "~matches": _, ...row } = hit.row;
  const shown = columns.filter((one) => one.name !== "~matches");
  const key = keyOf(datasetOf(provenance.dataset), shown, row);
  void show({ dataset: provenance.dataset, key, columns: shown, row, provenance });
}

function move(by: 1 | -1): void {
  if (hits.value.length === 0) return;
  at.value = Math.min(hits.value.length - 1, Math.max(0, at.value + by));
  const hit = hits.value[at.value];
  if (!hit) return;
  document.getElementById(hit.id)?.scrollIntoView({ block: "nearest" });
  if (open.value) openHit(hit);
}

function openChosen(goThere: boolean): void {
  const hit = hits.value[Math.max(0, at.value)];
  if (!hit) return;
  openHit(hit);
  if (goThere) enter();
}

function back(): void {
  if (open.value) close();
  else if (at.value >= 0) at.value = -1;
  else query.value = "";
}

function onKey(event: KeyboardEvent): void {
  if (event.isComposing) return;
  const box = event.target as HTMLInputElement;
  const isAtEnd = box.selectionStart === box.value.length;
  if (event.key === "ArrowDown") move(1);
  else if (event.key === "ArrowUp") move(-1);
  else if (event.key === "Enter" && !event.ctrlKey) openChosen(true);
  else if (event.key === "ArrowRight" && isAtEnd && hits.value.length > 0) openChosen(false);
  else if (event.key === "Escape") back();
  else return;
  event.preventDefault();
}

export function useFindKeys() {
  const chosen = computed(() => hits.value[at.value]);
  const activeId = computed(() => chosen.value?.id);
  const isOpened = (group: FoundIn): boolean => opened.value.has(group.provenance.dataset);
  function toggle(group: FoundIn): void {
    const next = new Set(opened.value);
    if (!next.delete(group.provenance.dataset)) next.add(group.provenance.dataset);
    opened.value = next;
  }
  return { hits, chosen, activeId, rowsShown, isOpened, toggle, openHit, onKey, few: kFew };
}
