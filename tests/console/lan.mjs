// The console on the office's network: a browser on a second machine is refused, pairs by a code, works, is unpaired,
// and is refused again. Each refusal has its words.
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kChromium, launch, noteFaults } from "./browser.mjs";
import { darkroom } from "./shot.mjs";
import { Neighbour } from "./world/neighbour.mjs";
import { freePort, until, World } from "./world/world.mjs";

const kSkipped = 77;
const folder = mkdtempSync(join(tmpdir(), "rootlet-lan-"));
const neighbour = Neighbour.make(folder);
if (!neighbour) process.exit(kSkipped);
const faults = [];
const person = "王小明";
let world;
let browser;
let failed = false;

async function step(name, act) {
  const begin = Date.now();
  await act();
  console.log(`${String(Date.now() - begin).padStart(6)} ms  ${name}`);
}
async function take(name) {
  if (process.env.PICTURES) await (await darkroom(browser))(browser.contexts()[0].pages()[0], `${process.env.PICTURES}${name}`);
}
const launchThere = () => launch(neighbour.browser(kChromium));
const acts = () => JSON.parse(world.office("ledger", "list", "--json")).entries;

try {
  await neighbour.connect();
  const port = await freePort();
  const site = `https://${neighbour.here}:${port}`;
  world = await World.make({ withOldVisits: false, runWords: ["--console-listen", `${neighbour.here}:${port}`, "--console-names", neighbour.here] });
  let page;
  let pairing;

  await step("a browser that does not know the authority refuses the page", async () => {
    const stranger = await launchThere();
    const refused = await (await stranger.newPage()).goto(`${site}/console`).catch((error) => String(error));
    await stranger.close();
    assert.match(String(refused), /ERR_CERT_AUTHORITY_INVALID/);
  });
  await step("what is for this machine only cannot be reached from the second", () => {
    assert.throws(() => neighbour.run("curl", "--silent", "--max-time", "3", `http://${neighbour.here}:${world.apiPort}/console`));
  });
  await step("IT compares the fingerprint and imports the authority", async () => {
    pairing = JSON.parse(world.office("console", "pair", person, "--role", "clerk", "--json"));
    const authority = new X509Certificate(neighbour.run("curl", "--silent", "--insecure", `${site}/console/authority.pem`));
    assert.equal(authority.fingerprint256, pairing.fingerprint);
    assert.ok(authority.ca);
    neighbour.importAuthority(authority);
    browser = await launchThere();
  });
  const context = await browser.newContext({ locale: "zh-CN", timezoneId: "Asia/Shanghai", viewport: { width: 1366, height: 768 } });
  page = await context.newPage();
  const expected = ["401", "403"]; // refusals are answers of these kinds
  noteFaults(page, faults, expected, neighbour.here);

  await step("the door says how to pair, and shows the fingerprint", async () => {
    const answer = await page.goto(`${site}/console`);
    assert.equal(answer.status(), 401);
    const words = await page.locator("main").innerText();
    assert.match(words, /此浏览器尚未配对[\s\S]*索取配对码/);
    assert.ok(words.includes(pairing.fingerprint));
    await take("lan-door");
  });
  await step("a wrong code is refused in words", async () => {
    await page.fill("input[name=code]", pairing.code === "AAAA-AAAA" ? "BBBB-BBBB" : "AAAA-AAAA");
    await page.click("button");
    assert.match(await page.locator("main").innerText(), /未能登录[\s\S]*配对码/);
    await page.click("a");
  });
  await step("the code opens the console, once", async () => {
    await page.fill("input[name=code]", pairing.code);
    await page.click("button");
    await page.waitForSelector(".frame");
    assert.equal((await page.locator(".side-foot span").innerText()).trim(), person);
    assert.equal(await page.locator(".side a").filter({ hasText: "台账" }).count(), 0);
  });
  await step("works: finds a person, opens the row, and the ledger names who did", async () => {
    await page.fill(".top-search input", "wxm");
    await page.click("#hit-residents-0");
    await page.waitForSelector(".drawer .field");
    assert.ok(acts().some((one) => one.command === "search" && one.user === person));
  });
  await step("unpaired, it is refused at the next act, and says what to do", async () => {
    world.office("console", "unpair", person);
    await page.fill(".top-search input", "小明");
    await page.waitForSelector(".ended");
    assert.match(await page.locator(".ended").innerText(), /会话已结束[\s\S]*配对码/);
    assert.equal(await page.locator(".hit").count(), 0);
    await take("lan-ended");
  });
  await step("loaded again, it stands before the door", async () => {
    await page.locator(".ended button").click();
    await page.waitForSelector("input[name=code]");
    assert.match(await page.locator("main").innerText(), /此浏览器尚未配对/);
    assert.equal(await page.evaluate(() => fetch("/api/v1/session").then((answer) => answer.status)), 401);
    await page.fill("input[name=code]", pairing.code);
    await page.click("button");
    assert.match(await page.locator("main").innerText(), /未能登录/);
  });
  await step("the ledger tells it all", () => until(() => {
    const did = new Set(acts().map((one) => one.command));
    return ["console-pair", "console-paired", "console-enter", "console-unpair", "refused-pairing", "refused-session"].every((one) => did.has(one));
  }, 5, "all acts in the ledger"));
} catch (error) {
  failed = true;
  console.error(error);
  const page = browser?.contexts()[0]?.pages()[0];
  if (page) console.error(page.url(), (await page.content()).slice(0, 2000));
} finally {
  await browser?.close();
  world?.close();
  neighbour.close();
  rmSync(folder, { recursive: true, force: true });
}
for (const one of new Set(faults)) console.error(one);
process.exit(failed || faults.length > 0 ? 1 : 0);
