// A failure as words: what happened, and what to do.
import { ApiProblem } from "@/api/client";
import { frame } from "@/words/frame";
import { wordsNow } from "@/words/language";

export interface Failure {
  words: string;
  remedy: string;
}

export function failureOf(error: unknown): Failure {
  const words = wordsNow(frame);
  if (!(error instanceof ApiProblem)) return { words: words.failed, remedy: "" };
  if (error.isSilent) return { words: words.agentSilent, remedy: "" };
  if (error.isMissing) return { words: words.missing, remedy: "" };
  const { message, title, detail, remedy } = error.problem;
  return { words: detail || message || title || words.failed, remedy };
}

export function failureLine(error: unknown): string {
  const { words, remedy } = failureOf(error);
  return remedy && remedy !== words ? `${words} ${remedy}` : words;
}
