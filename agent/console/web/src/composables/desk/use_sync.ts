// One cycle now, with its progress as it comes.
import { ref } from "vue";
import { fetchFrom } from "@/api/client";
import type { SyncProgress } from "@/api/types";
import { say } from "@/composables/frame/use_announcer";
import { failureLine } from "@/composables/frame/use_failure";
import { useStatus } from "@/composables/frame/use_status";
import { status as words } from "@/words/desk";
import { wordsNow } from "@/words/language";

type Told = (event: string, data: string) => void;

async function readEvents(response: Response, tell: Told): Promise<void> {
  const reader = response.body?.getReader();
  if (!reader) return;
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    text += decoder.decode(value, { stream: true });
    const parts = text.split("\n\n");
    text = parts.pop() ?? "";
    for (const part of parts) {
      const event = /^event: (.*)$/m.exec(part)?.[1] ?? "";
      tell(event, /^data: (.*)$/m.exec(part)?.[1] ?? "{}");
    }
  }
}

export function useSync() {
  const progress = ref<SyncProgress | null>(null);
  const isBusy = ref(false);
  const trouble = ref("");
  const { refresh } = useStatus();

  function told(event: string, data: string): void {
    if (event === "progress") progress.value = JSON.parse(data) as SyncProgress;
    if (event === "error") trouble.value = (JSON.parse(data) as { message?: string }).message ?? "";
    if (event === "done") say(wordsNow(words).synced, "good");
  }
  async function sync(): Promise<void> {
    isBusy.value = true;
    trouble.value = "";
    try {
      const response = await fetchFrom("POST", "/api/v1/sync", { body: { now: true }, headers: { Accept: "text/event-stream" } });
      await readEvents(response, told);
    } catch (error) {
      trouble.value = failureLine(error);
    }
    isBusy.value = false;
    progress.value = null;
    await refresh();
  }
  return { progress, isBusy, trouble, sync };
}
