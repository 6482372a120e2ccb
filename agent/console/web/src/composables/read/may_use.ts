// Whether this office may use a dataset, in words. Pure.
import type { Dataset } from "@/api/types";
import { purposeWords } from "@/words/codes";
import { catalogue } from "@/words/desk";
import { marks, textOf, wordsNow } from "@/words/language";

export interface May {
  may: boolean;
  isNear: boolean; // granted, but locked for now
  words: string;
}

export function mayUse(dataset: Dataset): May {
  const w = wordsNow(catalogue);
  const grant = dataset.grant;
  if (grant?.access === "open") return { may: true, isNear: false, words: w.yesFor(grant.purposes.map(purposeWords).join(marks.value.list)) };
  if (grant) return { may: false, isNear: true, words: grant.access === "suspended" ? w.suspended : w.locked };
  if (dataset.sharing === "not_shared") return { may: false, isNear: false, words: [w.notShared, textOf(dataset.reason)].filter(Boolean).join(marks.value.colon) };
  const scope = textOf(dataset.scope);
  return { may: false, isNear: false, words: scope ? `${w.noGrant}${marks.value.then}${w.onConditions(scope)}` : w.noGrant };
}
