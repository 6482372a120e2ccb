// The language of the page. Words are pairs, complete in both languages by type.
import { computed, ref, type ComputedRef } from "vue";
import type { Text } from "@/api/types";

export type Language = "zh-CN" | "en";
// A message, or a function of its parameters.
type Word = string | ((...parameters: never[]) => string);
type Widened<T> = { [K in keyof T]: T[K] extends string ? string : T[K] };
export interface Both<T> {
  zh: Widened<T>;
  en: Widened<T>;
}

export function both<T extends Record<string, Word>>(zh: T, en: Widened<T>): Both<T> {
  return { zh: zh as Widened<T>, en };
}

const kPlace = "rootlet.language";

function firstLanguage(): Language {
  const kept = localStorage.getItem(kPlace);
  if (kept === "zh-CN" || kept === "en") return kept;
  return navigator.language.startsWith("en") ? "en" : "zh-CN";
}

export const language = ref<Language>(firstLanguage());

export function currentLanguage(): Language {
  return language.value;
}

export function setLanguage(next: Language): void {
  language.value = next;
  localStorage.setItem(kPlace, next);
}

export function wordsNow<T>(pair: Both<T>): Widened<T> {
  return language.value === "en" ? pair.en : pair.zh;
}

export function useWords<T>(pair: Both<T>): ComputedRef<Widened<T>> {
  return computed(() => wordsNow(pair));
}

// Marks between words are full-width in Chinese.
export const marks = computed(() => (language.value === "en" ? { colon: ": ", list: ", ", then: "; " } : { colon: "：", list: "、", then: "；" }));

// A text of the catalogue in the page's language; the other one if it is empty.
export function textOf(text: Text | string | null | undefined): string {
  if (!text) return "";
  if (typeof text === "string") return text;
  const [first, second] = language.value === "en" ? [text.en, text.zh] : [text.zh, text.en];
  return first || second;
}
