// Why a row was found: the pieces of a text, with those that match marked. Pure.
import type { FoundRow, Match } from "@/api/types";

export interface Piece {
  text: string;
  isMatch: boolean;
}

export function matchesOf(row: FoundRow): Match[] {
  const given = row["~matches"];
  return Array.isArray(given) ? given : [];
}

// Characters, as the agent counts them, not UTF-16 units.
export function piecesOf(text: string, spans: Match[]): Piece[] {
  const characters = Array.from(text);
  const sorted = spans.filter((span) => span.end > span.begin).sort((a, b) => a.begin - b.begin);
  const pieces: Piece[] = [];
  let at = 0;
  const add = (end: number, isMatch: boolean): void => {
    if (end > at) pieces.push({ text: characters.slice(at, end).join(""), isMatch });
    at = Math.max(at, end);
  };
  for (const span of sorted) {
    add(span.begin, false);
    add(span.end, true);
  }
  add(characters.length, false);
  return pieces;
}
