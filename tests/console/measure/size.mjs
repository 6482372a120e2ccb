// What the console costs: memory of the daemon when nobody looks, and bytes of the package.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { target } from "./targets.mjs";

const kSource = new URL("../../../", import.meta.url).pathname;
const kDist = join(kSource, "agent/console/web/dist/assets");
const kWebBytes = "agent/web/web_files.bin";
const kIdleSeconds = 30;
const MiB = 1024 * 1024;

export async function measureIdle(world) {
  const figure = (name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(readFileSync(`/proc/${world.agentId}/status`, "utf8"))[1]) / 1024;
  const busy = figure("VmRSS");
  await pause(kIdleSeconds * 1000);
  target(`idle memory, ${kIdleSeconds} s after the browser left`, figure("VmRSS"), 30, "MiB", `before ${busy.toFixed(0)}, at most ${figure("VmHWM").toFixed(0)}`);
}

const packers = { gzip: (bytes) => gzipSync(bytes, { level: 9 }).length, xz: (bytes) => spawnSync("xz", ["-9", "-c"], { input: bytes, maxBuffer: 1 << 28 }).stdout.length };

// The program as it is, and the same bytes without the block of web files in it.
export function measurePackage(programs, program) {
  const whole = readFileSync(program);
  const block = readFileSync(join(programs, kWebBytes));
  const at = whole.indexOf(block);
  if (at < 0) throw new Error(`${program} does not hold ${kWebBytes}: build it anew`);
  const bare = Buffer.concat([whole.subarray(0, at), whole.subarray(at + block.length)]);
  console.log(`program ${(whole.length / MiB).toFixed(2)} MiB, of it the web files ${(block.length / MiB).toFixed(2)} MiB`);
  for (const [name, pack] of Object.entries(packers)) {
    const [larger, smaller] = [pack(whole), pack(bare)];
    target(`growth of the package by the console, ${name}`, (larger - smaller) / MiB, 4, "MiB", `${(smaller / MiB).toFixed(2)} to ${(larger / MiB).toFixed(2)}`);
  }
}

export function printBundles() {
  let all = 0;
  const files = readdirSync(kDist).map((name) => {
    const packed = gzipSync(readFileSync(join(kDist, name)), { level: 9 }).length;
    all += packed;
    return [packed, name];
  }).sort((a, b) => b[0] - a[0]);
  for (const [packed, name] of files.slice(0, 8)) console.log(`${String((packed / 1024).toFixed(1)).padStart(7)} KiB  ${name}`);
  console.log(`${(all / 1024).toFixed(0)} KiB compressed in ${files.length} files`);
}
