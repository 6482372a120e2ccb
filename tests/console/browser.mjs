// A browser that notes what must not happen: errors on the console, requests to anywhere else, styles or scripts
// that the policy refuses.
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

export const kChromium = process.env.CHROMIUM ?? ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find(existsSync);

const kSlowMs = 5000;
const kMostMs = 120_000; // a wait ends a test only if it never ends: machines may be busy

export function launch(executablePath = kChromium) {
  if (!kChromium) throw new Error("needs Debian's package chromium, or CHROMIUM=PATH");
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--font-render-hinting=none"] });
}

export async function openConsole(browser, world, site, { language = "zh-CN", dark = false, large = false, width = 1366, height = 768, prepare } = {}) {
  const context = await browser.newContext({
    locale: language, timezoneId: "Asia/Shanghai", viewport: { width, height }, colorScheme: dark ? "dark" : "light", acceptDownloads: true,
    reducedMotion: "reduce",
  });
  await context.addInitScript(([tongue, isDark, isLarge]) => {
    if (localStorage.getItem("rootlet.language") === null) localStorage.setItem("rootlet.language", tongue);
    if (localStorage.getItem("rootlet.dark") === null) localStorage.setItem("rootlet.dark", isDark);
    if (localStorage.getItem("rootlet.large") === null) localStorage.setItem("rootlet.large", isLarge);
  }, [language, dark ? "yes" : "no", large ? "yes" : "no"]);
  await prepare?.(context);
  const faults = [];
  const expected = [];
  async function openPage(address) {
    const page = await context.newPage();
    page.setDefaultTimeout(kMostMs);
    noteFaults(page, faults, expected);
    await page.goto(address);
    await page.waitForSelector(".frame, .ended");
    return page;
  }
  const page = await openPage(world.ticket().replace(`:${world.apiPort}`, `:${site.port}`));
  return { context, page, faults, expect: (text) => expected.push(text), openAgain: (address = `http://127.0.0.1:${site.port}/console`) => openPage(address) };
}

// `expected` are parts of messages that are no faults; `host` is the only one that may be asked.
export function noteFaults(page, faults, expected, host = "127.0.0.1") {
  page.on("console", (message) => {
    if (message.type() === "error" && !expected.some((one) => `${message.text()} ${message.location().url}`.includes(one))) {
      faults.push(`console: ${message.text()} (${message.location().url})`);
    }
  });
  page.on("requestfinished", (request) => {
    const { responseEnd } = request.timing();
    if (responseEnd > kSlowMs) console.log(`slow: ${request.method()} ${new URL(request.url()).pathname} took ${responseEnd.toFixed(0)} ms`);
  });
  page.on("pageerror", (error) => faults.push(`error: ${error.stack ?? error}`));
  page.on("request", (request) => {
    const { hostname, protocol } = new URL(request.url());
    if (protocol.startsWith("http") && hostname !== host) faults.push(`outside request: ${request.url()}`);
  });
}

export async function goTo(page, path, wait) {
  await page.evaluate((hash) => { location.hash = hash; }, `#${path}`);
  if (wait) await page.waitForSelector(wait);
}

// Waits for what a function of the page says; the page's policy forbids the browser's own way of waiting.
export async function when(page, test, given = null, seconds = 120) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    if (await page.evaluate(test, given)) return;
    if (Date.now() > end) throw new Error(`not within ${seconds} s: ${test}`);
    await page.waitForTimeout(50);
  }
}
