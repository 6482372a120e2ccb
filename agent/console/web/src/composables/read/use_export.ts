// Exports the rows of a view to a file, after saying what goes out.
import { ref } from "vue";
import { exportRows, type RowsAsk } from "@/api/reading";
import { say } from "@/composables/frame/use_announcer";
import { failureLine } from "@/composables/frame/use_failure";
import { dataset as words } from "@/words/dataset";
import { wordsNow } from "@/words/language";
import { count, day } from "@/words/shown";

export function saveFile(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

// The mark at a file's end names the entry: "… #10432".
async function entryIn(blob: Blob): Promise<number | null> {
  const end = await blob.slice(Math.max(0, blob.size - 600)).text();
  const mark = /^# .*?(?:#|编号\s*|entry\s*|第\s*)(\d+)/m.exec(end);
  return mark?.[1] ? Number(mark[1]) : null;
}

export function useExport() {
  const isBusy = ref(false);
  const trouble = ref("");

  async function write(dataset: string, title: string, ask: RowsAsk, titles: string[], form: "csv" | "xlsx"): Promise<boolean> {
    isBusy.value = true;
    trouble.value = "";
    try {
      const file = await exportRows(dataset, ask, titles, form);
      saveFile(file.blob, `${title}-${day(new Date().toISOString())}.${form}`);
      const entry = file.entry ?? (form === "csv" ? await entryIn(file.blob) : null);
      const w = wordsNow(words);
      say(entry ? w.exportDone(count(entry)) : w.exportDoneNoNumber, "good");
      return true;
    } catch (error) {
      trouble.value = failureLine(error);
      return false;
    } finally {
      isBusy.value = false;
    }
  }
  return { isBusy, trouble, write };
}
