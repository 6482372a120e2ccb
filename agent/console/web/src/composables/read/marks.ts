// Why a row was found: the pieces of a text, with those that match marked. Pure.
import type { Cell, Column, FoundRow, Match } from "@/api/types";

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

// For an agent that does not say where it matched: the words of the query as they stand in the text.
export function plainMatches(query: string, row: FoundRow, columns: Column[]): Match[] {
  const words = query.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const found: Match[] = [];
  for (const column of columns) {
    const value: Cell | Match[] | undefined = row[column.name];
    if (typeof value !== "string") continue;
    for (const word of words) {
      const begin = value.toLowerCase().indexOf(word);
      if (begin < 0) continue;
      const before = Array.from(value.slice(0, begin)).length;
      found.push({ column: column.name, begin: before, end: before + Array.from(word).length });
    }
  }
  return found;
}

export function whyFound(query: string, row: FoundRow, columns: Column[]): Match[] {
  const given = matchesOf(row);
  return given.length > 0 ? given : plainMatches(query, row, columns);
}
