// First paint from a cold start: a browser that was just started, with nothing kept. Figures as Lighthouse names them:
// FCP and LCP first and largest contentful paint, CLS layout shifts, TBT what blocks the page between FCP and rest.
import { launch, openConsole } from "../browser.mjs";
import { median, target } from "./targets.mjs";

const kRuns = 5;
const kRestMs = 2500; // after which nothing of a start goes on

// Runs in the page, as early as a script can.
export function watchPaint() {
  const seen = { lcp: 0, cls: 0, tasks: [] };
  window.paintSeen = seen;
  const watch = (type, take) => new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true });
  watch("largest-contentful-paint", (one) => { seen.lcp = one.startTime; });
  watch("layout-shift", (one) => { if (!one.hadRecentInput) seen.cls += one.value; });
  watch("longtask", (one) => seen.tasks.push([one.startTime, one.duration]));
}

export function readPaint() {
  const { lcp, cls, tasks } = window.paintSeen;
  const fcp = performance.getEntriesByName("first-contentful-paint")[0].startTime;
  const tbt = tasks.filter(([start]) => start >= fcp).reduce((sum, [, long]) => sum + Math.max(0, long - 50), 0);
  const loaded = performance.getEntriesByType("resource");
  return { fcp, lcp, cls, tbt, requests: loaded.length + 1, bytes: loaded.reduce((sum, one) => sum + one.transferSize, 0) };
}

async function startOnce(world, site) {
  const browser = await launch();
  try {
    const { page } = await openConsole(browser, world, site, { prepare: (context) => context.addInitScript(watchPaint) });
    await page.waitForTimeout(kRestMs);
    return await page.evaluate(readPaint);
  } finally {
    await browser.close();
  }
}

export async function measurePaint(world, site) {
  const runs = [];
  for (let n = 0; n < kRuns; n++) runs.push(await startOnce(world, site));
  const of = (name) => runs.map((one) => one[name]);
  target("first contentful paint, cold start", median(of("fcp")), 1000, "ms", `at most ${Math.max(...of("fcp")).toFixed(0)} of ${kRuns}`);
  target("largest contentful paint", median(of("lcp")), 1500, "ms");
  target("cumulative layout shift", median(of("cls")), 0.1, "");
  target("total blocking time", median(of("tbt")), 200, "ms");
  const [first] = runs;
  console.log(`${first.requests} requests, ${(first.bytes / 1024).toFixed(0)} KiB until the page rests`);
}
