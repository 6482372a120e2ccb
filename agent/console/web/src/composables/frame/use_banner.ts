// The one sentence that matters most now: what is wrong, what still works, what to do.
import { computed, ref } from "vue";
import type { DatasetStatus, Status } from "@/api/types";
import { banner } from "@/words/frame";
import { language, textOf, wordsNow } from "@/words/language";
import { bytes, daysUntil, moment } from "@/words/shown";
import { isDown, useStatus } from "./use_status";

export interface Banner {
  kind: string;
  level: "red" | "amber";
  words: string;
}

const kLeaseDays = 5;
const kLittleSpace = 200 * 1024 * 1024;

const names = (sets: DatasetStatus[]): string =>
  sets.map((one) => (language.value === "en" ? textOf(one.title) : `「${textOf(one.title)}」`)).join(language.value === "en" ? ", " : "");

function leaseBanner(sets: DatasetStatus[]): Banner | null {
  const near = sets.filter((one) => one.access === "open" && daysUntil(one.lease_until) < kLeaseDays);
  if (near.length === 0) return null;
  const days = Math.min(...near.map((one) => daysUntil(one.lease_until)));
  const w = wordsNow(banner);
  return { kind: "lease", level: "amber", words: days <= 1 ? w.leaseToday(names(near)) : w.leaseNear(days, names(near)) };
}

function staleBanner(sets: DatasetStatus[]): Banner | null {
  const stale = sets.filter((one) => one.stale && !one.covers_no_data && one.access === "open");
  if (stale.length === 0) return null;
  const w = wordsNow(banner);
  return { kind: "stale", level: "amber", words: stale.length > 3 ? w.staleMany(stale.length) : w.stale(names(stale)) };
}

// Pure; the first that applies, the gravest first.
export function decideBanner(status: Status | null, isSilent: boolean): Banner | null {
  const w = wordsNow(banner);
  if (isSilent) return { kind: "silent", level: "red", words: w.silent };
  if (!status || !status.office) return null;
  const sets = status.datasets ?? [];
  if (status.suspended) return { kind: "suspended", level: "amber", words: w.suspended };
  const locked = sets.filter((one) => one.access === "ended");
  if (locked.length > 0) return { kind: "locked", level: "amber", words: w.locked(names(locked)) };
  if (status.disk && status.disk.free_bytes > 0 && status.disk.free_bytes < kLittleSpace) {
    return { kind: "disk", level: "amber", words: w.diskFull(bytes(status.disk.free_bytes)) };
  }
  const lease = leaseBanner(sets);
  if (lease) return lease;
  if (isDown(status)) return { kind: "down", level: "amber", words: w.down(moment(status.contact)) };
  if (status.trust && !status.trust.fresh && status.last_sync) return { kind: "trust", level: "amber", words: w.expired };
  if (status.clock && !status.clock.ok) return { kind: "clock", level: "amber", words: w.clock };
  return staleBanner(sets);
}

export function useBanner() {
  const { status, isSilent } = useStatus();
  const dismissed = ref("");
  const shown = computed(() => {
    const found = decideBanner(status.value, isSilent.value);
    return found && found.kind !== dismissed.value ? found : null;
  });
  const dismiss = (): void => {
    dismissed.value = shown.value?.kind ?? "";
  };
  return { banner: shown, dismiss };
}
