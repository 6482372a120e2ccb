// First paint, the time of each view, and what a browser loads. Prints figures; fails only if a view takes a second.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { goTo, launch, openConsole, when } from "./browser.mjs";
import { siteOf } from "./world/site.mjs";
import { World } from "./world/world.mjs";

const kMostMs = 1000;
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const world = await World.make({ withOldVisits: false });
const site = await siteOf(world);
const browser = await launch();
const slow = [];
try {
  const { page, openAgain } = await openConsole(browser, world, site);
  const paints = [];
  for (let n = 0; n < 5; n++) {
    const again = await openAgain();
    paints.push(await again.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0].startTime));
    await again.close();
  }
  console.log(`first contentful paint: median ${median(paints).toFixed(0)} ms`);
  const views = [["/data", ".pick"], ["/data/residents", ".grid-row"], ["/collect", ".form-list"], ["/collect/household-visit", ".form-field input"], ["/outbox", ".empty, .record"], ["/watches", ".empty, .watch"], ["/catalogue", "tbody tr"], ["/status", ".cards"], ["/ledger", "tbody tr"], ["/sql", ".sql"]];
  for (const [path, wait] of views) {
    const times = [];
    for (let n = 0; n < 3; n++) {
      await goTo(page, "/forbidden", ".empty");
      const begin = Date.now();
      await goTo(page, path, wait);
      times.push(Date.now() - begin);
    }
    console.log(`${path.padEnd(28)} median ${String(median(times)).padStart(4)} ms`);
    if (median(times) > kMostMs) slow.push(path);
  }
  await goTo(page, "/", ".start");
  const typed = [];
  for (const text of ["wxm", "小明", "wangxiaoming", "瓶山社区", "王"]) {
    const begin = Date.now();
    await page.fill(".top-search input", text);
    await when(page, (wanted) => new RegExp("条 · ").test(document.querySelector(".page-head")?.textContent ?? "") && document.querySelector(".top-search input").value === wanted && document.querySelector(".hit") !== null, text);
    typed.push(Date.now() - begin);
    await page.fill(".top-search input", "");
    await page.waitForSelector(".start");
  }
  console.log(`from the last key to results, with the pause of 80 ms: median ${median(typed)} ms, ${world.people.length} residents`);
} finally {
  await browser.close();
  site.close();
  world.close();
}
const dist = new URL("../../agent/console/web/dist/", import.meta.url).pathname;
let all = 0;
const files = readdirSync(join(dist, "assets")).map((name) => {
  const packed = gzipSync(readFileSync(join(dist, "assets", name)), { level: 9 }).length;
  all += packed;
  return [packed, name];
}).sort((a, b) => b[0] - a[0]);
for (const [packed, name] of files.slice(0, 8)) console.log(`${String((packed / 1024).toFixed(1)).padStart(7)} KiB  ${name}`);
console.log(`${(all / 1024).toFixed(0)} KiB compressed in ${files.length} files`);
if (slow.length > 0) throw new Error(`slow: ${slow.join(", ")}`);
