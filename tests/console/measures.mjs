// How fast the console is and what it costs, on a dataset of any size. Each figure stands beside its target.
//   node measures.mjs [--rows N] [--world FILE] [--only paint,views,search,memory,package]
//   --rows   of the roster: 20,000 unless set; 1,000,000 for the figures of docs/console.md
//   --world  what world/keep.mjs wrote: a world that runs already
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { launch, openConsole } from "./browser.mjs";
import { measurePaint } from "./measure/paint.mjs";
import { measureIdle, measurePackage, printBundles } from "./measure/size.mjs";
import { median, missed, most, target } from "./measure/targets.mjs";
import { addMeter, timeRow, timeSearch, viewsOf } from "./measure/views.mjs";
import { siteOf } from "./world/site.mjs";
import { kAgent, kPrograms, World } from "./world/world.mjs";

const kRounds = 7;
const kRecords = 200;
const kViewMs = 100;
const kFacetsMs = 200;
const kPauseMs = 80; // after the last key, by design
const { values: given } = parseArgs({ options: { rows: { type: "string", default: "20000" }, world: { type: "string" }, only: { type: "string" } } });
const wants = (name) => !given.only || given.only.split(",").includes(name);

// An outbox as long as that of an office after a week of visits.
async function fillOutbox(page, world) {
  const records = world.people.slice(0, kRecords).map((one) => world.visitOf(one));
  const status = await page.evaluate(async (given) => {
    const { csrf } = await fetch("/api/v1/session").then((answer) => answer.json());
    const held = await fetch("/api/v1/outbox?limit=500").then((answer) => answer.json());
    if (held.records.length >= given.length) return 201;
    return (await fetch("/api/v1/records", { method: "POST", headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf }, body: JSON.stringify({ form: "household-visit", records: given }) })).status;
  }, records);
  if (status !== 201) throw new Error(`records: ${status}`);
}

async function measureViews(page) {
  const rounds = [];
  for (let n = 0; n < kRounds; n++) {
    const times = {};
    for (const [name, time] of Object.entries(viewsOf(page, "roster"))) {
      const took = await time();
      if (typeof took === "number") times[name] = took;
      else for (const [part, ms] of Object.entries(took)) times[part === "view" ? name : `${name}, ${part}`] = ms;
    }
    rounds.push(times);
  }
  for (const name of Object.keys(rounds[0])) {
    const all = rounds.map((one) => one[name]);
    target(name, median(all), name.includes("facets") ? kFacetsMs : kViewMs, "ms", `first ${all[0].toFixed(0)}, at most ${most(all).toFixed(0)}`);
  }
}

async function measureSearch(page) {
  const rows = [];
  for (const [what, text] of [["initials", "wxm"], ["two characters", "小明"], ["a name", "王小明"], ["an address", "社区"], ["one character", "王"]]) {
    const times = [];
    for (let n = 0; n < 5; n++) {
      times.push(await timeSearch(page, text));
      rows.push(await timeRow(page));
    }
    target(`search by ${what}, after the pause of ${kPauseMs} ms`, median(times) - kPauseMs, kViewMs, "ms", `at most ${(most(times) - kPauseMs).toFixed(0)}`);
  }
  target("a row beside the list", median(rows), kViewMs, "ms", `at most ${most(rows).toFixed(0)}`);
}

const world = given.world ? World.attach(JSON.parse(readFileSync(given.world, "utf8"))) : await World.make({ rows: Number(given.rows) });
const site = await siteOf(world);
console.log(`${world.rows.toLocaleString("en")} rows`);
try {
  if (wants("paint")) await measurePaint(world, site);
  if (wants("views") || wants("search")) {
    world.awaitRows();
    const browser = await launch();
    const { page, faults } = await openConsole(browser, world, site, { prepare: addMeter });
    await page.waitForTimeout(1500); // as long as a clerk needs to see where to go
    if (wants("views")) {
      await fillOutbox(page, world);
      await measureViews(page);
    }
    if (wants("search")) await measureSearch(page);
    await browser.close();
    if (faults.length > 0) throw new Error(faults.join("\n"));
  }
  if (wants("memory")) await measureIdle(world);
} finally {
  site.close();
  world.close();
}
if (wants("package")) {
  measurePackage(kPrograms, kAgent);
  printBundles();
}
if (missed().length > 0) {
  console.error(`missed: ${missed().join(", ")}`);
  process.exit(1);
}
