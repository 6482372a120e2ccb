// A dataset's rows, page by page as one scrolls: the conditions, the order, and what the answer said.
import { computed, ref, shallowRef, watch, type Ref } from "vue";
import { ApiProblem, isAborted } from "@/api/client";
import { countRows, readRows, type RowsAsk } from "@/api/reading";
import type { Column, Provenance, RowValues } from "@/api/types";
import { say } from "@/composables/frame/use_announcer";
import { failureOf, type Failure } from "@/composables/frame/use_failure";
import { usePurpose } from "@/composables/frame/use_purpose";
import { dataset as words } from "@/words/dataset";
import { wordsNow } from "@/words/language";
import { filterOf, sameCondition, type Condition } from "./conditions";

const kFirstRows = 50; // two screens: what nobody looks at is read for nothing, and counts as read
const kMoreRows = 100;

export interface Order {
  column: string;
  descending: boolean;
}

export function useRows(dataset: Ref<string>) {
  const { purpose } = usePurpose();
  const conditions = ref<Condition[]>([]);
  const order = ref<Order | null>(null);
  const rows = shallowRef<RowValues[]>([]);
  const columns = shallowRef<Column[]>([]);
  const provenance = ref<Provenance | null>(null);
  const total = ref<number | null>(null); // null until they are counted
  const next = ref<string | null>(null);
  const isBusy = ref(false);
  const failure = ref<Failure | null>(null);
  let running: AbortController | null = null;
  let loaded: RowsAsk | null = null; // which the rows answer
  let learned: { ask: RowsAsk; rows: number | null } | null = null;

  const ask = computed<RowsAsk>(() => ({
    purpose: purpose.value,
    where: conditions.value.map(filterOf),
    order: order.value ? [`${order.value.column}.${order.value.descending ? "desc" : "asc"}`] : [],
  }));

  async function load(after?: string): Promise<void> {
    running?.abort();
    const mine = (running = new AbortController());
    if (!dataset.value || !purpose.value) return;
    isBusy.value = true;
    const asked = ask.value;
    try {
      const page = await readRows(dataset.value, { ...asked, limit: after ? kMoreRows : kFirstRows, after }, mine.signal);
      rows.value = after ? [...rows.value, ...page.rows] : page.rows;
      columns.value = page.columns;
      provenance.value = page.provenance;
      if (!after) {
        total.value = page.total ?? (page.next ? null : page.rows.length);
        loaded = asked;
      }
      next.value = page.next ? (new URL(page.next, location.origin).searchParams.get("after") ?? page.next) : null;
      failure.value = null;
    } catch (error) {
      if (isAborted(error)) return;
      if (after && error instanceof ApiProblem && error.problem.status > 0) return restart();
      failure.value = failureOf(error);
      if (!after) rows.value = [];
    }
    isBusy.value = false;
    settleTotal();
  }

  // Row numbers belong to one copy of a stream: when a new one came in between, paging begins again.
  function restart(): Promise<void> {
    say(wordsNow(words).begun);
    return loadAgain();
  }

  // The rows come first; how many there are in all may come from the groups, or is counted (`known` null).
  function learnTotal(known: number | null): void {
    learned = { ask: ask.value, rows: known };
    settleTotal();
  }
  function settleTotal(): void {
    if (total.value !== null || loaded !== ask.value || learned?.ask !== loaded) return;
    const { rows: known } = learned;
    learned = null;
    if (known !== null) total.value = known;
    else void countAll();
  }
  async function countAll(): Promise<void> {
    const counting = ask.value;
    const counted = await countRows(dataset.value, counting).catch(() => null);
    if (counting === ask.value) total.value = counted;
  }
  async function loadAgain(): Promise<void> {
    learned = null;
    await load();
    if (total.value === null) await countAll();
  }
  function more(): void {
    if (next.value && !isBusy.value) void load(next.value);
  }
  function add(condition: Condition): void {
    if (!conditions.value.some((one) => sameCondition(one, condition))) conditions.value = [...conditions.value, condition];
  }
  function remove(condition: Condition): void {
    conditions.value = conditions.value.filter((one) => !sameCondition(one, condition));
  }
  function sortBy(column: string): void {
    const was = order.value;
    if (was?.column !== column) order.value = { column, descending: false };
    else order.value = was.descending ? null : { column, descending: true };
  }

  watch([dataset, ask], ([id, now], [lastId, last]) => {
    if (id === lastId && JSON.stringify(now) === JSON.stringify(last)) return;
    void load();
  }, { immediate: true });

  return {
    ask, conditions, order, rows, columns, provenance, total, next, isBusy, failure,
    load: loadAgain, learnTotal, more, add, remove, sortBy,
  };
}
