// Keeps what is typed, at each pause, in the agent on this machine; never in the browser.
import { onBeforeUnmount, ref } from "vue";
import { saveDraft } from "@/api/collecting";
import type { Values } from "@/api/types";
import { countDrafts } from "@/composables/frame/use_counts";
import { dropUnsaved, putUnsaved, saveWithPage } from "./unsaved";

const kPauseMs = 700;

export function useDraft(form: string, values: () => Values, first?: string) {
  const id = ref<string | undefined>(first);
  const savedAt = ref("");
  const isUnsaved = ref(false); // the last try failed
  let timer = 0;
  let kept = first ? JSON.stringify(values()) : ""; // a draft that is opened is kept already
  let running: Promise<void> = Promise.resolve();
  let isDone = false;
  let isPending = false;
  const mark = Symbol(form);

  async function keep(): Promise<void> {
    const typed = values();
    const now = JSON.stringify(typed);
    if (isDone || now === kept || (now === "{}" && !id.value)) return;
    try {
      id.value = await saveDraft(form, typed, id.value);
      kept = now;
      dropUnsaved(mark);
      savedAt.value = new Date().toISOString();
      isUnsaved.value = false;
      void countDrafts();
    } catch {
      isUnsaved.value = true;
      putUnsaved(mark, { form, values: typed, id: id.value });
    }
  }
  // One after the other, so that a first draft is made once.
  function save(): Promise<void> {
    clearTimeout(timer);
    isPending = false;
    return (running = running.then(keep));
  }
  function touched(): void {
    clearTimeout(timer);
    timer = window.setTimeout(() => void save(), kPauseMs);
    isPending = true;
  }
  // Whoever leaves the page within the pause loses nothing.
  const saveNow = async (): Promise<void> => {
    if (isPending) await save();
  };
  const leave = saveWithPage(saveNow);
  onBeforeUnmount(() => {
    leave();
    void saveNow();
  });
  // The draft is about to become a record: nothing more is kept under its id.
  async function end(): Promise<string | undefined> {
    clearTimeout(timer);
    await running;
    isDone = true;
    dropUnsaved(mark);
    return id.value;
  }
  function goOn(): void {
    isDone = false;
  }
  return { id, savedAt, isUnsaved, save, touched, end, goOn };
}
