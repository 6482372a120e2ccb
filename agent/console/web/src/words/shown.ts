// Numbers, times and codes as people read them. Local time; sizes with units.
import type { Cell } from "@/api/types";
import { both, language, wordsNow } from "./language";

const w = both(
  {
    today: (time: string) => `今天 ${time}`,
    yesterday: (time: string) => `昨天 ${time}`,
    never: "从未",
    yes: "是",
    no: "否",
    days: (n: number) => `${n} 天`,
    hours: (n: number) => `${n} 小时`,
    minutes: (n: number) => `${n} 分钟`,
    seconds: (n: number) => `${n} 秒`,
  },
  {
    today: (time: string) => `today ${time}`,
    yesterday: (time: string) => `yesterday ${time}`,
    never: "never",
    yes: "yes",
    no: "no",
    days: (n: number) => (n === 1 ? "1 day" : `${n} days`),
    hours: (n: number) => (n === 1 ? "1 hour" : `${n} hours`),
    minutes: (n: number) => (n === 1 ? "1 minute" : `${n} minutes`),
    seconds: (n: number) => (n === 1 ? "1 second" : `${n} seconds`),
  },
);

const two = (n: number): string => String(n).padStart(2, "0");

export function clockTime(iso: string): string {
  const at = new Date(iso);
  return `${two(at.getHours())}:${two(at.getMinutes())}`;
}

export function day(iso: string): string {
  const at = new Date(iso);
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

export function dateOfDay(daysAgo: number): string {
  return day(new Date(Date.now() - daysAgo * 86_400_000).toISOString());
}

export function timeNow(): string {
  return clockTime(new Date().toISOString());
}

// "today 10:42", "yesterday 18:00", "11-25 18:00", "2025-11-25".
export function moment(iso: string | null | undefined, now = new Date()): string {
  if (!iso) return wordsNow(w).never;
  const at = new Date(iso);
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime();
  if (at.getTime() >= midnight && at.getTime() < midnight + 86_400_000) return wordsNow(w).today(clockTime(iso));
  if (at.getTime() >= midnight - 86_400_000 && at.getTime() < midnight) return wordsNow(w).yesterday(clockTime(iso));
  if (at.getFullYear() === now.getFullYear()) return `${day(iso).slice(5)} ${clockTime(iso)}`;
  return day(iso);
}

// Of today only the time: where there is little room.
export function shortMoment(iso: string | null | undefined, now = new Date()): string {
  return iso && day(iso) === day(now.toISOString()) ? clockTime(iso) : moment(iso, now);
}

export function fullMoment(iso: string): string {
  return `${day(iso)} ${clockTime(iso)}`;
}

export function exactMoment(iso: string): string {
  return `${fullMoment(iso)}:${two(new Date(iso).getSeconds())}`;
}

export function daysUntil(iso: string, now = Date.now()): number {
  return Math.ceil((new Date(iso).getTime() - now) / 86_400_000);
}

export function duration(seconds: number): string {
  const words = wordsNow(w);
  if (seconds < 90) return words.seconds(Math.max(1, Math.round(seconds)));
  if (seconds < 5400) return words.minutes(Math.round(seconds / 60));
  if (seconds < 172_800) return words.hours(Math.round(seconds / 3600));
  return words.days(Math.floor(seconds / 86_400));
}

const numbers = { en: new Intl.NumberFormat("en-GB"), "zh-CN": new Intl.NumberFormat("zh-CN") }; // slow to make

export function count(n: number): string {
  return numbers[language.value].format(n);
}

export function bytes(n: number): string {
  if (n < 1000) return `${n} B`;
  for (const [unit, size] of [["KB", 1e3], ["MB", 1e6], ["GB", 1e9]] as const) {
    if (n < size * 1000 || unit === "GB") return `${(n / size).toFixed(n < size * 10 ? 1 : 0)} ${unit}`;
  }
  return `${n} B`;
}

export function shownCell(value: Cell | undefined, type: string): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "boolean") return value ? wordsNow(w).yes : wordsNow(w).no;
  if (type === "datetime" && typeof value === "string" && value) return fullMoment(value);
  return String(value);
}
