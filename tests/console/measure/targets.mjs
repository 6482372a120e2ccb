// Figures beside their targets, with the load of the machine: other programs on it disturb every time.
import { loadavg } from "node:os";

export const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
export const most = (list) => Math.max(...list);

const lines = [];

export function target(what, value, limit, unit, more = "") {
  const good = value <= limit;
  const figure = value >= 10 ? value.toFixed(0) : value.toFixed(1);
  const line = `${what.padEnd(44)} ${figure.padStart(6)} ${unit} (at most ${limit}) ${good ? "ok" : "MISS"}${more && `; ${more}`}; load ${loadavg()[0].toFixed(1)}`;
  lines.push({ what, good });
  console.log(line);
}

export const missed = () => lines.filter((one) => !one.good).map((one) => one.what);
