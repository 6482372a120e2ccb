// What just happened, in words: shown for a moment and read out by screen readers.
import { ref } from "vue";

export interface Notice {
  words: string;
  kind: "good" | "bad" | "plain";
}

const notice = ref<Notice | null>(null);
const spoken = ref("");
let timer = 0;

export function say(words: string, kind: Notice["kind"] = "plain"): void {
  notice.value = { words, kind };
  spoken.value = words;
  clearTimeout(timer);
  timer = window.setTimeout(() => (notice.value = null), kind === "bad" ? 8000 : 4000);
}

// Only read out: for what the eye sees anyway.
export function speak(words: string): void {
  spoken.value = words;
}

export function useAnnouncer() {
  return { notice, spoken };
}
