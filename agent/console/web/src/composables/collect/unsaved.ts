// Drafts that the agent has not taken yet: because the session ended, or it does not answer. They wait in memory,
// never in the browser's storage, until it takes them.
import { computed, reactive } from "vue";
import { saveDraft } from "@/api/collecting";
import type { Values } from "@/api/types";

export interface Unsaved {
  form: string;
  values: Values;
  id: string | undefined; // of the draft, once there is one
}

const waiting = reactive(new Map<symbol, Unsaved>());
const pages = new Set<() => Promise<void>>(); // forms that are open, each with its way to save now

export function putUnsaved(mark: symbol, draft: Unsaved): void {
  waiting.set(mark, draft);
}

export function dropUnsaved(mark: symbol): void {
  waiting.delete(mark);
}

export const hasUnsaved = computed(() => waiting.size > 0);

// Returns the act that ends it.
export function saveWithPage(save: () => Promise<void>): () => void {
  pages.add(save);
  return () => pages.delete(save);
}

// Before one signs out, and when the page is no longer seen: it may be closed next.
export async function savePages(): Promise<void> {
  await Promise.all([...pages].map((save) => save()));
}

// In a new session. Returns the last that was saved.
export async function saveUnsaved(): Promise<{ form: string; id: string } | null> {
  let last = null;
  for (const [mark, { form, values, id }] of [...waiting]) {
    last = { form, id: await saveDraft(form, values, id) };
    waiting.delete(mark);
  }
  return last;
}

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") void savePages();
});
window.addEventListener("beforeunload", (event) => {
  if (waiting.size === 0) return;
  event.preventDefault();
  event.returnValue = "";
});
