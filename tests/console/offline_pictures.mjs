// Pictures of the states that are not of every day: the link down, a lease near its end, a session that ended.
import { goTo, launch, openConsole } from "./browser.mjs";
import { darkroom } from "./shot.mjs";
import { siteOf } from "./world/site.mjs";
import { World } from "./world/world.mjs";

const kOut = process.env.PICTURES ?? new URL("../../docs/console/", import.meta.url).pathname;
const world = await World.make();
const site = await siteOf(world);
const browser = await launch();
const take = await darkroom(browser);
try {
  const { page } = await openConsole(browser, world, site);
  await world.cutLink();
  await page.waitForSelector(".banner");
  await page.fill(".top-search input", "王小明");
  await page.waitForSelector(".hit");
  await take(page, `${kOut}state-offline`);
  await goTo(page, "/status", ".cards");
  await page.waitForTimeout(1500);
  await take(page, `${kOut}state-offline-status`);
  world.agent.kill("SIGKILL");
  await page.waitForSelector(".banner.red", { timeout: 60_000 });
  await take(page, `${kOut}state-silent`);
  await world.startAgent().catch(() => undefined);
  await page.goto(`http://127.0.0.1:${site.port}/console`);
  await page.waitForSelector(".ended");
  await take(page, `${kOut}state-ended`);
} finally {
  await browser.close();
  site.close();
  world.close();
}
