// The ledger, newest first, and whether its chain is whole.
import { computed, ref, shallowRef } from "vue";
import { ApiProblem } from "@/api/client";
import { readLedger, verifyLedger } from "@/api/desk";
import type { LedgerEntry } from "@/api/types";
import { failureLine } from "@/composables/frame/use_failure";
import { textOf, wordsNow } from "@/words/language";
import { datasetOf } from "@/composables/frame/use_catalogue";
import { actWords } from "@/words/codes";
import { ledger as words } from "@/words/desk";
import { count } from "@/words/shown";

const kStep = 200;

export const isRefusal = (entry: LedgerEntry): boolean =>
  Boolean(entry.outcome) && !["done", "started"].includes(entry.outcome ?? "");

export function useLedger() {
  const entries = shallowRef<LedgerEntry[]>([]);
  const isLimited = ref(false);
  const trouble = ref("");
  const isLoaded = ref(false);
  const text = ref("");
  const onlyRefused = ref(false);
  const verdict = ref<{ good: boolean; words: string } | null>(null);
  const isVerifying = ref(false);
  let limit = kStep;

  async function load(): Promise<void> {
    try {
      const answer = await readLedger(limit);
      entries.value = answer.entries;
      isLimited.value = answer.limited;
      trouble.value = "";
    } catch (error) {
      trouble.value = failureLine(error);
    }
    isLoaded.value = true;
  }
  function older(): void {
    limit += kStep;
    void load();
  }
  const matches = (entry: LedgerEntry): boolean => {
    const line = [entry.user, actWords(entry.command), textOf(datasetOf(entry.dataset ?? "")?.title), entry.purpose].join(" ");
    return line.toLowerCase().includes(text.value.trim().toLowerCase());
  };
  const shown = computed(() => entries.value.filter((one) => matches(one) && (!onlyRefused.value || isRefusal(one))));

  async function verify(): Promise<void> {
    isVerifying.value = true;
    const w = wordsNow(words);
    try {
      const answer = await verifyLedger();
      verdict.value = { good: answer.intact, words: answer.intact ? w.verified(count(answer.entries)) : w.broken };
    } catch (error) {
      const isBroken = error instanceof ApiProblem && error.problem.code === "storage_damaged";
      verdict.value = { good: false, words: isBroken ? w.broken : failureLine(error) };
    }
    isVerifying.value = false;
  }
  void load();
  return { entries, shown, isLimited, isLoaded, trouble, text, onlyRefused, verdict, isVerifying, load, older, verify };
}
