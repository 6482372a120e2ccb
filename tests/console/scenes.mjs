// How each page is brought into the state that its picture shows.
import { goTo } from "./browser.mjs";

const search = ".top-search input";

async function type(page, text, wait) {
  await goTo(page, "/", ".start, .group, .empty");
  await page.fill(search, "");
  await page.fill(search, text);
  if (wait) await page.waitForSelector(wait, { timeout: 10000 });
}

// Pages but Find are shown with an empty search box.
async function visit(page, path, wait) {
  await page.fill(search, "");
  await goTo(page, path, wait);
}

export const scenes = [
  { name: "find-start", play: async (page) => { await page.fill(search, ""); await goTo(page, "/", ".where"); await page.focus(search); } },
  { name: "find", play: (page) => type(page, "wxm", ".hit") },
  { name: "find-row", play: async (page) => { await type(page, "王小明", ".hit"); await page.click("#hit-residents-0"); await page.waitForSelector(".drawer .field"); await page.click(".why-held summary"); } },
  { name: "find-why", play: async (page) => { await type(page, "王小明", ".hit"); await page.click("#hit-residents-0"); await page.waitForSelector(".drawer .masked button"); await page.click(".drawer .masked button"); await page.waitForSelector(".ask-why"); } },
  { name: "find-full", once: true, play: async (page) => { await type(page, "王小明", ".hit"); await page.click("#hit-residents-0"); await page.waitForSelector(".drawer .masked button"); await page.click(".drawer .masked button"); await page.click(".ask-why .primary"); await page.waitForSelector(".drawer .masked b"); } },
  { name: "find-nothing", play: (page) => type(page, "欧阳修", ".empty") },
  { name: "datasets", play: async (page) => { await visit(page, "/data", ".pick"); } },
  { name: "dataset", play: async (page) => { await visit(page, "/data/residents", ".grid-row"); } },
  { name: "dataset-export", play: async (page) => { await visit(page, "/data/residents", ".grid-row"); await page.click(".data-bar > .button:last-of-type"); await page.waitForSelector(".el-dialog"); await page.waitForTimeout(300); } },
  { name: "collect", play: async (page) => { await visit(page, "/collect", ".form-list a.button"); } },
  { name: "form", play: async (page, world) => {
    await visit(page, "/collect/household-visit", ".form-field input");
    await page.fill("#field-person", world.people[4].person);
    await page.press("#field-person", "Tab");
    await page.waitForSelector(".form-field.known");
    await page.fill("#field-members", "5");
    await page.waitForTimeout(1200);
  } },
  { name: "form-mistakes", play: async (page) => { await visit(page, "/collect/household-visit", ".form-field input"); await page.fill("#field-members", "99"); await page.click(".form-end .primary"); await page.waitForSelector(".summary, .note.red"); } },
  { name: "outbox", play: async (page) => { await visit(page, "/outbox", ".record"); } },
  { name: "receipt", once: true, play: async (page) => { await visit(page, "/outbox", ".record"); await page.locator(".record", { hasText: "已通过" }).locator("button").click(); await page.locator(".record-more a").click(); await page.waitForSelector(".paper"); } },
  { name: "outbox-fix", play: async (page) => { await visit(page, "/outbox", ".record"); await page.click(".record .primary"); await page.waitForSelector(".record-more .form-field"); } },
  { name: "watches", play: async (page, world) => { world.awaitRows(); await visit(page, "/watches", ".watch .hit"); } },
  { name: "catalogue", play: async (page) => { await visit(page, "/catalogue", "table"); } },
  { name: "status", play: async (page) => { await visit(page, "/status", ".cards"); await page.waitForTimeout(1500); } },
  { name: "ledger", play: async (page) => { await visit(page, "/ledger", "table"); } },
  { name: "sql", play: async (page) => {
    await visit(page, "/sql", ".sql summary");
    await page.fill("#statement", "SELECT village, count(*) AS n, sum(amount) AS total\nFROM allowances\nWHERE category = :category\nGROUP BY village ORDER BY n DESC");
    await page.fill(".sql input.low", "B类");
    await page.press("#statement", "Control+Enter");
    await page.waitForSelector(".sql .table, .note.red");
  } },
  { name: "keys", play: async (page) => { await visit(page, "/catalogue", "table"); await page.focus("#page"); await page.keyboard.press("?"); await page.waitForSelector(".el-dialog"); await page.waitForTimeout(300); } },
];
