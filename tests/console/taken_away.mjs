// What leaves the page: an export, a saved statement, a link. Steps of first_minutes.mjs.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { goTo, when } from "./browser.mjs";
import { unzip } from "./world/xlsx.mjs";

const kMark = Buffer.from([0xef, 0xbb, 0xbf]); // by which a spreadsheet program knows UTF-8
const textOf = (page, selector) => page.locator(selector).first().innerText();

async function narrowed(page, village) {
  await goTo(page, "/data", ".pick");
  await goTo(page, "/data/residents", ".grid-row");
  await page.waitForSelector(".facet");
  await page.getByRole("button", { name: new RegExp(village) }).click();
  await when(page, (name) => [...document.querySelectorAll(".grid-row")].length > 0 && document.querySelector(".chip")?.textContent.includes(name), village);
  await page.waitForTimeout(300);
}

async function exported(page, form) {
  await page.getByRole("button", { name: "导出", exact: true }).click();
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: `导出 ${form}` }).click()]);
  await page.waitForSelector(".el-dialog", { state: "hidden" });
  return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
}

const csvCells = (line) => [...line.matchAll(/(?:"((?:[^"]|"")*)"|([^",]*))(?:,|$)/g)].slice(0, -1).map(([, quoted, bare]) => (quoted ?? bare).replace(/""/g, '"'));

// More rows than can be read on a screen, so it is an export, which is marked.
export async function exportsAsCsv(page, world) {
  await goTo(page, "/data", ".pick");
  await goTo(page, "/data/residents", ".grid-row");
  await when(page, () => document.querySelector(".grid-foot")?.textContent.trim() !== "");
  await page.getByRole("button", { name: "列", exact: true }).click();
  await page.getByLabel("人员编号").check();
  await page.keyboard.press("Escape");
  const { name, bytes } = await exported(page, "CSV");
  assert.match(name, /^户籍登记-\d{4}-\d\d-\d\d\.csv$/);
  assert.deepEqual(bytes.subarray(0, 3), kMark);
  const lines = bytes.toString("utf8").slice(1).split(/\r?\n/);
  const [titles, ...rows] = lines.filter(Boolean);
  const mark = rows.pop();
  assert.deepEqual(csvCells(titles).slice(0, 2), ["姓名", "性别"]);
  assert.equal(rows.length, world.people.length);
  const entry = JSON.parse(world.office("ledger", "list", "--json")).entries.find((one) => one.export && one.outcome === "done");
  assert.equal(entry.count, world.people.length);
  assert.match(mark, new RegExp(`^# .*台账第 ${entry.began} 条$`));
  // Identifiers are whole texts, masked where the grant masks them.
  const [person] = world.people;
  const cells = csvCells(rows.find((line) => line.includes(person.person)));
  assert.ok(cells.includes(person.person), `the number is whole: ${cells}`);
  assert.ok(!bytes.includes(person.id_number) && cells.some((one) => /^\d{6}\*+\d{3}[\dX]$/.test(one)));
}

export async function exportsAsExcel(page, world, village) {
  await narrowed(page, village);
  const { bytes } = await exported(page, "Excel");
  const files = unzip(bytes);
  const person = world.people.find((one) => one.village === village);
  const strings = [...(files["xl/sharedStrings.xml"] ?? "").matchAll(/<si>(.*?)<\/si>/gs)].map(([, one]) => one.replace(/<[^>]*>/g, ""));
  const sheet = files["xl/worksheets/sheet1.xml"];
  const at = strings.indexOf(person.person);
  const isText = at >= 0 ? new RegExp(`<c [^>]*t="s"[^>]*><v>${at}</v>`).test(sheet) : new RegExp(`t="inlineStr"[^>]*><is><t[^>]*>${person.person}<`).test(sheet);
  assert.ok(isText, "the person's number is a text, so no spreadsheet rounds it");
  assert.ok(files["xl/worksheets/sheet2.xml"], "a second sheet says where the rows come from");
  assert.ok(!Object.values(files).some((one) => one.includes(person.id_number)));
}

export async function savesStatement(page) {
  await goTo(page, "/sql", ".sql summary");
  await page.fill("#statement", "SELECT village, count(*), count(*) AS n\nFROM residents\nWHERE sex = :sex\nGROUP BY village ORDER BY n DESC");
  await page.fill(".sql input.low", "女");
  await page.press("#statement", "Control+Enter");
  await page.waitForSelector(".sql .scroll-x tbody tr");
  const heads = await page.locator(".sql .scroll-x th").allInnerTexts();
  assert.equal(heads.length, 3);
  assert.ok(heads.every((one) => one.trim() !== ""), `each column has a title: ${heads}`);
  assert.equal(heads[0], "村（社区）");
  await page.getByRole("button", { name: "已存的查询" }).click();
  await page.getByLabel("名称").fill("各村女性");
  await page.getByRole("button", { name: "保存查询" }).click();
  await page.getByRole("button", { name: "各村女性" }).waitFor();
  await page.reload();
  await page.waitForSelector(".sql summary");
  assert.equal(await page.inputValue("#statement"), "");
  await page.getByRole("button", { name: "已存的查询" }).click();
  await page.getByRole("button", { name: "各村女性" }).click();
  assert.match(await page.inputValue("#statement"), /WHERE sex = :sex/);
}

// The link of a view, opened in a new tab, shows the same rows; no value of a condition is in it.
export async function copiesLink(page, openTab, world) {
  const person = world.people[26];
  await goTo(page, "/data/residents", ".grid-row");
  await page.getByRole("button", { name: "加条件" }).click();
  const panel = page.locator(".popup-body");
  await panel.locator("select").first().selectOption({ label: "人员编号" });
  await panel.locator("input").last().fill(person.person);
  await panel.getByRole("button", { name: "应用" }).click();
  await when(page, () => document.querySelectorAll(".grid-row").length === 1);
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.getByRole("button", { name: "复制链接" }).click();
  await page.waitForSelector(".notice.good");
  const link = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(link, /\/console\/#\/data\/residents\?view=[\w-]+$/);
  assert.ok(!link.includes(person.person) && !/\d{15}/.test(link));
  const tab = await openTab(link);
  await tab.waitForSelector(".chip");
  await when(tab, () => document.querySelectorAll(".grid-row").length === 1);
  assert.ok((await textOf(tab, ".chip")).includes(person.person));
  assert.ok(!tab.url().includes(person.person));
  await tab.close();
}
