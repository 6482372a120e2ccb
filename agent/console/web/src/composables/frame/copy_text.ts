// Copies a text, also where the page has no secure context, and says so.
import { frame } from "@/words/frame";
import { wordsNow } from "@/words/language";
import { say } from "./use_announcer";

function copyTheOldWay(text: string): void {
  const area = document.createElement("textarea");
  area.value = text;
  document.body.appendChild(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

export async function copyText(text: string, words = wordsNow(frame).copied): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    copyTheOldWay(text);
  }
  say(words, "good");
}
