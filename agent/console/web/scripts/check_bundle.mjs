// Prints what a browser loads, compressed, and fails if the console outgrows its place in the package.
import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { gzipSync } from "node:zlib";

const kMostBytes = 4 * 1024 * 1024; // of the package, compressed
const dist = new URL("../dist/", import.meta.url).pathname;
const files = readdirSync(dist, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
let all = 0;
const lines = files.map((file) => {
  const bytes = readFileSync(join(file.parentPath, file.name));
  const packed = [".js", ".css", ".html", ".svg"].includes(extname(file.name)) ? gzipSync(bytes, { level: 9 }).length : bytes.length;
  all += packed;
  return { name: file.name, bytes: bytes.length, packed };
});
lines.sort((a, b) => b.packed - a.packed);
for (const { name, bytes, packed } of lines) {
  console.log(`${String(packed).padStart(8)} of ${String(bytes).padStart(8)}  ${name}`);
}
console.log(`${lines.length} files, ${(all / 1024).toFixed(0)} KiB compressed (at most ${kMostBytes / 1024})`);
const head = readFileSync(join(dist, "index.html"), "utf8");
if (all > kMostBytes) throw new Error("the console is too large");
if (/<script(?![^>]*src=)|<style|https?:\/\//.test(head)) throw new Error("index.html has an inline script or an outside address");
