// A view under a number: a link carries the number, the agent keeps what it stands for, so that no value of a
// person gets into an address.
import { readView, saveView } from "@/api/reading";
import type { SavedView } from "@/api/types";
import { copyText } from "@/composables/frame/copy_text";
import { say } from "@/composables/frame/use_announcer";
import { failureLine } from "@/composables/frame/use_failure";
import { choosePurpose } from "@/composables/frame/use_purpose";
import { dataset as words } from "@/words/dataset";
import { wordsNow } from "@/words/language";
import { conditionOf, type Condition } from "./conditions";
import type { Order } from "./use_rows";

export async function copyLink(view: SavedView): Promise<void> {
  try {
    const id = await saveView(view);
    const address = `${location.origin}${location.pathname}#/data/${encodeURIComponent(view.dataset)}?view=${encodeURIComponent(id)}`;
    await copyText(address, wordsNow(words).linkDone);
  } catch (error) {
    say(failureLine(error), "bad");
  }
}

export async function openView(id: string): Promise<{ conditions: Condition[]; order: Order | null } | null> {
  try {
    const view = await readView(id);
    choosePurpose(view.purpose);
    const conditions = view.where.map(conditionOf).filter((one): one is Condition => one !== null);
    const [first] = view.order;
    const cut = first?.lastIndexOf(".") ?? -1;
    const order = first && cut > 0 ? { column: first.slice(0, cut), descending: first.endsWith(".desc") } : null;
    return { conditions, order };
  } catch (error) {
    say(failureLine(error), "bad");
    return null;
  }
}
