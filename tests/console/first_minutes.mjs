// A clerk's first five minutes, with the real daemon and platform: finds, sees whose data it is, shows one value in
// full, fills in forms while the link is down, and sees what comes when it is back.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { seriousFindings } from "./axe.mjs";
import { goTo, launch, openConsole, when } from "./browser.mjs";
import { darkroom } from "./shot.mjs";
import { closesTab, outlivesSession } from "./last_words.mjs";
import { checkOneAction } from "./one_action.mjs";
import { siteOf } from "./world/site.mjs";
import { makePeople } from "./world/people.mjs";
import { until, World } from "./world/world.mjs";
import { workbookOf } from "./world/xlsx.mjs";
import { copiesLink, exportsAsCsv, exportsAsExcel, savesStatement } from "./taken_away.mjs";

const started = Date.now();
const steps = [];
async function step(name, act) {
  const begin = Date.now();
  await act();
  steps.push(`${String(Date.now() - begin).padStart(6)} ms  ${name}`);
  console.log(steps[steps.length - 1]);
}

const world = await World.make();
const site = await siteOf(world);
const browser = await launch();
const opened = await openConsole(browser, world, site);
const { faults, openAgain } = opened;
let { page } = opened;
const findings = [];
const look = async (name) => {
  findings.push(...(await seriousFindings(page, name)));
  await checkOneAction(page, name);
};
const search = ".top-search input";
const textOf = (selector) => page.locator(selector).first().innerText();
const village = "新联村";
let failed = false;

// A workbook with one wrong cell in each of five rows, and an empty line after the 60th, so that a line's number is
// not its place among the rows.
function sheet(people, wrong) {
  const rows = people.map((one, at) => {
    const bad = wrong.indexOf(at);
    return [one.person, one.name, one.village, bad === 0 ? "四" : bad === 1 ? 55 : one.members, bad === 2 ? "2026-13-01" : new Date("2026-11-20"), bad === 3 ? "不详" : "保持", bad === 4 ? "12345" : one.phone];
  });
  rows.splice(60, 0, []);
  return { name: "走访.xlsx", mimeType: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", buffer: workbookOf([["人员编号", "姓名", "村（社区）", "家庭人口", "走访日期", "走访结论", "联系电话"], ...rows]) };
}

try {
  await step("finds by initials and by two characters", async () => {
    await page.fill(search, "wxm");
    await page.waitForSelector("#hit-residents-0");
    assert.ok((await page.locator(".hit").count()) >= 3);
    assert.equal(await textOf("#hit-residents-0 .why"), "按拼音");
    assert.equal((await textOf("#hit-residents-0 mark")).length, 3);
    await page.fill(search, "小明");
    await page.waitForSelector('#hits[aria-label$="：小明"] mark');
    assert.equal(await textOf("#hit-residents-0 mark"), "小明");
    await look("find");
  });
  await step("sees whose data it is and how old", async () => {
    assert.match(await textOf("#group-residents + .grey"), /县公安局 · 截至 ?今天/);
    assert.match(await textOf(".foot"), /来源：县[\s\S]*第 1 版[\s\S]*授权至/);
  });
  await step("shows one value in full, for a purpose, and the ledger has it", async () => {
    await page.press(search, "ArrowDown");
    while (!(await page.getAttribute(search, "aria-activedescendant")).startsWith("hit-residents")) await page.press(search, "ArrowDown");
    await page.press(search, "Enter");
    await page.waitForSelector(".drawer .masked button");
    await page.getByRole("button", { name: "显示全文：身份证号" }).click();
    await page.getByRole("button", { name: "显示 60 秒" }).click();
    await page.waitForSelector(".drawer .masked b");
    assert.match(await textOf(".drawer .masked b"), /^330499\d{11}[\dX]$/);
    const ledger = JSON.parse(world.office("ledger", "list", "--json")).entries;
    assert.ok(ledger.some((one) => one.command === "reveal" && one.purpose === "allowance-check" && one.count === 1));
    await look("drawer");
  });
  await step("watches a village", async () => {
    await goTo(page, "/data/residents", ".grid-row");
    await page.waitForSelector(".facet");
    await page.getByRole("button", { name: new RegExp(village) }).click();
    await page.waitForSelector(".chip");
    await page.getByRole("button", { name: "关注此条件" }).click();
    await page.waitForSelector(".notice.good");
    await look("dataset");
  });
  await step("exports as CSV and as a workbook, with a mark", async () => {
    await exportsAsCsv(page, world);
    await exportsAsExcel(page, world, village);
  });
  await step("saves a statement and finds it again", () => savesStatement(page));
  await step("copies the link of a view without a value in it", () => copiesLink(page, openAgain, world));
  await step("the link goes down, and the page says what still works", async () => {
    await world.cutLink();
    await page.waitForSelector(".banner");
    assert.match(await textOf(".banner"), /网络已断开[\s\S]*照常可用/);
    await when(page, () => /离线/.test(document.querySelector(".dot").textContent)); // between two tries
  });
  await step("fills in a prefilled form with two mistakes and mends both", async () => {
    await page.fill(search, "小明");
    await page.click("#hit-residents-0");
    await page.getByRole("button", { name: "填报：入户走访登记" }).click();
    await page.waitForSelector(".form-field.known");
    assert.match(await textOf(".form-field.known .source"), /来自 ?户籍登记，截至/);
    await page.fill("#field-members", "99");
    await page.fill("#field-phone", "123");
    await page.fill("#field-visited", "20261128");
    await page.getByLabel("保持").check();
    await when(page, () => /草稿已保存/.test(document.querySelector(".form-end")?.textContent ?? ""));
    await page.keyboard.press("Control+Enter");
    await page.waitForSelector(".summary li");
    assert.equal(await page.locator(".summary li").count(), 2, await textOf(".summary"));
    await look("form with mistakes");
    await page.locator(".summary button").first().click();
    assert.equal(await page.evaluate(() => document.activeElement?.id), "field-members");
    await page.fill("#field-members", "4");
    await page.fill("#field-phone", "13900000000");
    await page.keyboard.press("Control+Enter");
    await page.waitForSelector(".done");
    assert.match(await textOf(".done"), /已保存在本机/);
    assert.equal(world.status().outbox.draft, 0);
  });
  await step("a draft survives a closed tab", async () => {
    await page.getByRole("button", { name: "再填一份" }).click();
    await page.fill("#field-person", world.people[7].person);
    await page.press("#field-person", "Tab");
    await page.waitForSelector(".form-field.known");
    await when(page, () => /草稿已保存/.test(document.querySelector(".form-end")?.textContent ?? ""));
    await page.close();
    page = await openAgain();
    await goTo(page, "/collect", ".form-list");
    await page.getByRole("link", { name: "继续填" }).click();
    await when(page, (name) => document.querySelector("#field-name")?.value === name, world.people[7].name);
    await goTo(page, "/collect", ".form-list");
    await page.getByRole("button", { name: "删除草稿" }).click();
    await when(page, () => /没有草稿/.test(document.body.textContent ?? ""));
  });
  await step("the last words before a tab is closed are kept", async () => {
    page = await closesTab(page, openAgain);
  });
  await step("the last words before a session ends are kept", async () => {
    opened.expect("401");
    await outlivesSession(page, openAgain, () => world.ticket().replace(`:${world.apiPort}`, `:${site.port}`));
  });
  await step("drops a workbook of 200 rows, five of them wrong", async () => {
    await goTo(page, "/collect/household-visit", ".drop");
    await page.setInputFiles(".drop input", sheet(world.people.slice(100, 300), [3, 50, 77, 120, 199]));
    await when(page, () => document.querySelectorAll(".bad-row").length === 5 && /195/.test(document.querySelector(".tag.green")?.textContent ?? ""));
    await look("spreadsheet");
    if (process.env.PICTURES) await (await darkroom(browser))(page, `${process.env.PICTURES}sheet`);
    await page.getByRole("button", { name: /保存没有问题的 195 行/ }).click();
    await page.waitForSelector(".note.green");
    const mend = async (line, field, text) => { await page.fill(`#row${line}-${field}`, text); await page.press(`#row${line}-${field}`, "Tab"); };
    await mend(5, "members", "4");
    await mend(52, "members", "5");
    await mend(80, "visited", "2026-11-21");
    await page.locator("#row123-result label").filter({ hasText: "保持" }).click();
    await mend(202, "phone", "13900000001");
    await page.getByRole("button", { name: /提交全部 5 行/ }).click();
    await when(page, () => /200 行已保存/.test(document.querySelector(".note.green")?.textContent ?? ""));
    assert.equal(world.status().outbox.saved + world.status().outbox.sealed, 201);
  });
  await step("the link returns: three awaited rows come", async () => {
    const extra = makePeople(3, 99).map((one, at) => ({ ...one, person: `33040200190000${at}`, village, address: `新华镇${village}9${at}号` }));
    await goTo(page, "/outbox", ".record");
    await world.serve();
    world.publish("residents", [...world.people, ...extra]);
    await when(page, () => document.querySelector(".side .badge.blue")?.textContent?.includes("3"), null, 45);
    await goTo(page, "/watches", ".watch .hit");
    assert.equal(await page.locator(".watch li").count(), 3);
    await look("watches");
    await page.getByRole("button", { name: "标为已看" }).click();
    await when(page, () => !document.querySelector(".side .badge.blue"));
  });
  await step("records turn accepted before the eye", async () => {
    await goTo(page, "/outbox", ".record");
    await until(() => world.inbox().length >= 204, 45, "all records at the platform");
    const waiting = world.inbox().filter((one) => one.state === "received" || one.state === "waiting").map((one) => one.id);
    world.platform("inbox", "accept", ...waiting.slice(0, 20));
    await when(page, () => document.querySelectorAll(".steps li.end").length >= 15, null, 45);
    await look("outbox");
  });
  for (const path of ["data", "catalogue", "status", "ledger", "sql", "collect"]) {
    await step(`opens ${path}`, async () => {
      await goTo(page, `/${path}`, ".page-head");
      await page.waitForTimeout(400);
      await look(path);
    });
  }
} catch (error) {
  failed = true;
  console.error(error);
  mkdirSync("out", { recursive: true });
  await page.screenshot({ path: "out/failed.png" }).catch(() => undefined);
} finally {
  await browser.close();
  site.close();
  world.close();
}
for (const one of [...new Set(faults), ...new Set(findings)]) console.error(one);
console.log(`${((Date.now() - started) / 1000).toFixed(1)} s, ${faults.length} faults, ${findings.length} serious findings`);
process.exit(failed || faults.length > 0 || findings.length > 0 ? 1 : 0);
