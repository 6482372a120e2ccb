// The oldest browser of the offices: Chromium 80, from the npm package chrome-aws-lambda. Each page renders, and
// nothing goes wrong on the console.
import assert from "node:assert/strict";
import { chmodSync, createWriteStream, existsSync, mkdirSync } from "node:fs";
import { createReadStream } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress } from "node:zlib";
import { readPaint, watchPaint } from "./measure/paint.mjs";
import { missed, target } from "./measure/targets.mjs";
import { siteOf } from "./world/site.mjs";
import { World } from "./world/world.mjs";

const require = createRequire(import.meta.url);
const puppeteer = require("puppeteer-core");
const kFlags = ["--no-sandbox", "--disable-gpu", "--single-process", "--no-zygote", "--headless", "--disable-dev-shm-usage", "--use-gl=swiftshader"];

// The package has the browser and its libraries packed by brotli.
async function unpack(name, target) {
  const packed = join(dirname(require.resolve("chrome-aws-lambda/package.json")), "bin", name);
  if (!existsSync(target)) await pipeline(createReadStream(packed), createBrotliDecompress(), createWriteStream(target));
  return target;
}

const folder = process.env.OLD_BROWSER ?? "/tmp/rootlet-chromium-80";
mkdirSync(folder, { recursive: true });
const chromium = await unpack("chromium.br", join(folder, "chromium"));
chmodSync(chromium, 0o755);

const world = await World.make();
const site = await siteOf(world);
const browser = await puppeteer.launch({ executablePath: chromium, args: kFlags, headless: true, defaultViewport: { width: 1366, height: 768 } });
const faults = [];
let failed = false;
try {
  const version = await browser.version();
  console.log(version);
  assert.match(version, /\/80\./);
  const page = await browser.newPage();
  page.on("console", (message) => message.type() === "error" && faults.push(`console: ${message.text()} ${message.location()?.url ?? ""}`));
  page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
  await page.evaluateOnNewDocument(watchPaint);
  await page.goto(world.ticket().replace(`:${world.apiPort}`, `:${site.port}`));
  await page.waitForSelector(".frame");
  await page.waitFor(2500);
  const paint = await page.evaluate(readPaint);
  target("Chromium 80: first contentful paint, cold start", paint.fcp, 1000, "ms");
  target("Chromium 80: largest contentful paint", paint.lcp, 1500, "ms");
  target("Chromium 80: cumulative layout shift", paint.cls, 0.1, "");
  target("Chromium 80: total blocking time", paint.tbt, 200, "ms");
  await page.evaluate(() => localStorage.setItem("rootlet.language", "zh-CN"));
  await page.reload();
  await page.waitForSelector(".frame");
  await page.type(".top-search input", "wxm");
  await page.waitForSelector("#hit-residents-0");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".drawer .field");
  if (process.env.PICTURES) await page.screenshot({ path: `${process.env.PICTURES}chromium-80.png` });
  const pages = { data: ".pick", "data/residents": ".grid-row", collect: ".form-list", "collect/household-visit": ".form-field input", outbox: ".record", watches: ".empty, .watch", catalogue: "table", status: ".cards", ledger: "table", sql: ".sql" };
  for (const [path, wait] of Object.entries(pages)) {
    const from = Date.now();
    await page.evaluate((hash) => { location.hash = hash; }, `#/${path}`);
    await page.waitForSelector(wait);
    console.log(`${String(Date.now() - from).padStart(6)} ms  ${path}`);
    if (process.env.PICTURES) await page.screenshot({ path: `${process.env.PICTURES}chromium-80-${path.replace("/", "-")}.png` });
  }
} catch (error) {
  failed = true;
  console.error(error);
} finally {
  await browser.close().catch(() => undefined);
  site.close();
  world.close();
}
for (const one of new Set(faults)) console.error(one);
process.exit(failed || faults.length > 0 || missed().length > 0 ? 1 : 0);
