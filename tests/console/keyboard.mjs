// Ten tasks of a clerk, an IT person and an auditor with the keyboard alone, in at most so many keys. A typed character
// is a key; so is a combination. Each page they come by has one primary action at most.
import assert from "node:assert/strict";
import { goTo, launch, openConsole, when } from "./browser.mjs";
import { checkOneAction } from "./one_action.mjs";
import { siteOf } from "./world/site.mjs";
import { World } from "./world/world.mjs";

// Who, what, and the most keys.
const tasks = [
  ["clerk", "finds a person by initials and opens the row", 7],
  ["clerk", "shows an identity number in full, for a purpose", 12],
  ["clerk", "opens a dataset and reads its third row", 28],
  ["clerk", "fills in a prefilled visit and hands it in", 40],
  ["clerk", "corrects a returned record", 20],
  ["clerk", "changes the language and back", 8],
  ["IT person", "sees the state and runs the checks", 10],
  ["IT person", "syncs now", 8],
  ["auditor", "verifies the ledger", 8],
  ["auditor", "finds who showed values in full", 10],
];

const world = await World.make();
const site = await siteOf(world);
const browser = await launch();
const { page, faults } = await openConsole(browser, world, site);
let keys = 0;
const lines = [];
async function press(...names) {
  for (const name of names) {
    await page.keyboard.press(name);
    keys++;
  }
}
async function type(text) {
  keys += text.length;
  await page.keyboard.type(text);
}
// Tab until what has the focus satisfies a test.
async function tabTo(test, given, most = 60) {
  for (let n = 0; n < most; n++) {
    if (await page.evaluate(test, given)) return;
    await press("Tab");
  }
  throw new Error(`not reached in ${most} tabs: ${test} ${given}`);
}
const focusIs = (words) => /^(A|BUTTON|INPUT|SELECT)$/.test(document.activeElement?.tagName ?? "") && (document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent ?? "").includes(words);
async function task(what, act) {
  const [who, , most] = tasks.find((one) => one[1] === what);
  keys = 0;
  await page.keyboard.press("Escape");
  await page.evaluate(() => document.querySelector("#page").focus());
  await act();
  await checkOneAction(page, what);
  lines.push({ who, what, keys });
  console.log(`${String(keys).padStart(4)} keys of ${String(most).padStart(2)}  ${who}: ${what}`);
  assert.ok(keys <= most, `${what}: ${keys} keys, at most ${most}`);
}
const go = async (letter, wait) => {
  await page.evaluate(() => document.querySelector("#page").focus());
  await press("g", letter);
  await page.waitForSelector(wait);
};
let failed = false;
try {
  await task("finds a person by initials and opens the row", async () => {
    await press("/");
    await type("wxm");
    await page.waitForSelector(".hit");
    await press("ArrowDown", "Enter");
    await page.waitForSelector(".drawer");
  });
  await task("shows an identity number in full, for a purpose", async () => {
    await press("/");
    await type("wxm");
    await page.waitForSelector("#hit-residents-0");
    while (!(await page.getAttribute(".top-search input", "aria-activedescendant"))?.startsWith("hit-residents")) await press("ArrowDown");
    await press("Enter");
    await page.waitForSelector(".drawer .masked button");
    await tabTo(focusIs, "身份证号");
    await press("Enter");
    await page.waitForSelector(".ask-why select");
    await when(page, () => document.activeElement?.tagName === "SELECT");
    await checkOneAction(page, "a row whose value is asked for");
    await press("Tab", "Enter");
    await page.waitForSelector(".drawer .masked b");
  });
  await task("opens a dataset and reads its third row", async () => {
    await go("d", ".pick");
    await tabTo(focusIs, "户籍登记");
    await press("Enter");
    await page.waitForSelector(".grid-row");
    await tabTo(() => document.activeElement?.getAttribute("role") === "row", null, 40);
    await press("ArrowDown", "ArrowDown", "ArrowRight");
    await page.waitForSelector(".drawer");
  });
  await task("fills in a prefilled visit and hands it in", async () => {
    await press("n");
    await page.waitForSelector(".form-list");
    await when(page, () => document.activeElement?.classList.contains("button"));
    await press("Enter");
    await when(page, () => document.activeElement?.id === "field-person");
    await type(world.people[9].person);
    await press("Tab");
    await page.waitForSelector(".form-field.known");
    await tabTo(() => document.activeElement?.id === "field-visited");
    await type("20261129");
    await tabTo(() => document.activeElement?.getAttribute("type") === "radio");
    await press("Space");
    await press("Control+Enter");
    await page.waitForSelector(".done");
  });
  await task("corrects a returned record", async () => {
    await go("o", ".record");
    await tabTo(focusIs, "修改");
    await press("Enter");
    await when(page, () => /visited$/.test(document.activeElement?.id ?? ""));
    await checkOneAction(page, "a record that is corrected");
    await press("Control+a");
    await type("20261127");
    await press("Control+Enter");
    await page.waitForSelector(".notice.good");
  });
  await task("changes the language and back", async () => {
    await page.focus(".top-search input");
    await tabTo(focusIs, "Switch to English");
    await press("Enter");
    await when(page, () => document.documentElement.lang === "en");
    await press("Enter");
    await when(page, () => document.documentElement.lang === "zh-CN");
  });
  await task("sees the state and runs the checks", async () => {
    await go("s", ".cards");
    await page.waitForSelector(".section-head .tag");
    await tabTo(focusIs, "检查一遍");
    await press("Enter");
    await page.waitForSelector(".section-head .tag");
  });
  await task("syncs now", async () => {
    await go("s", ".cards");
    await tabTo(focusIs, "立即同步");
    await press("Enter");
    await page.waitForSelector(".notice.good");
  });
  await task("verifies the ledger", async () => {
    await go("l", 'h1:text-is("台账")');
    await tabTo(focusIs, "核对台账");
    await press("Enter");
    await page.waitForSelector(".note.green");
  });
  await task("finds who showed values in full", async () => {
    await go("l", 'h1:text-is("台账")');
    await tabTo(focusIs, "筛选");
    await type("显示全文");
    await when(page, () => [...document.querySelectorAll("tbody tr")].every((row) => row.textContent.includes("显示全文")));
  });
  assert.equal(lines.length, tasks.length);
  await page.keyboard.press("Escape");
  const actions = {};
  for (const [path, wanted] of Object.entries({ "": ".where, .group", data: ".pick", "data/residents": ".grid-row", collect: ".form-list a.button", "collect/household-visit": ".form-field", outbox: ".record", watches: ".empty", catalogue: "table", status: ".cards", ledger: "table", sql: ".sql summary" })) {
    await goTo(page, `/${path}`, wanted);
    actions[path || "find"] = await checkOneAction(page, path || "find");
  }
  console.log(`primary actions: ${JSON.stringify(actions)}`);
  assert.deepEqual([actions["collect/household-visit"], actions.ledger, actions.status], [1, 1, 1]); // the check sees them
} catch (error) {
  failed = true;
  console.error(error);
  await page.screenshot({ path: "out/keyboard.png" }).catch(() => undefined);
} finally {
  await browser.close();
  site.close();
  world.close();
}
for (const one of new Set(faults)) console.error(one);
process.exit(failed || faults.length > 0 ? 1 : 0);
