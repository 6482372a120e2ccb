// What was typed in the moment before a tab is closed, or a session ends, is not lost. Steps of first_minutes.mjs.
import assert from "node:assert/strict";
import { goTo, when } from "./browser.mjs";

const kForm = "/collect/newborn";

async function drafts(page) {
  return page.evaluate(() => fetch("/api/v1/drafts").then((answer) => answer.json())).then((answer) => answer.drafts);
}

// Closed at once after the last key: no pause in which a draft is kept.
export async function closesTab(page, openTab) {
  await goTo(page, kForm, "#field-name");
  await page.fill("#field-name", "小禾");
  await page.close({ runBeforeUnload: true });
  const next = await openTab();
  await when(next, () => fetch("/api/v1/drafts").then((answer) => answer.json()).then(({ drafts }) => drafts.some((one) => one.values.name === "小禾")));
  const [{ id }] = await drafts(next);
  await goTo(next, "/collect", ".form-list");
  await next.getByRole("button", { name: "删除草稿" }).click();
  await when(next, () => /没有草稿/.test(document.body.textContent ?? ""));
  assert.ok(!(await drafts(next)).some((one) => one.id === id));
  return next;
}

// The session ends while one types; the console is opened again in another tab; the first goes on where it was.
export async function outlivesSession(page, openTab, ticket) {
  await goTo(page, kForm, "#field-name");
  await page.evaluate(async () => {
    const { csrf } = await fetch("/api/v1/session").then((answer) => answer.json());
    await fetch("/api/v1/session", { method: "DELETE", headers: { "X-CSRF-Token": csrf } });
  });
  await page.fill("#field-name", "小穗");
  await page.waitForSelector(".ended");
  assert.match(await page.locator(".ended").innerText(), /还没有存成草稿[\s\S]*不要关闭此页/);
  assert.equal(await page.evaluate(() => JSON.stringify(localStorage).includes("小穗")), false);
  const second = await openTab(ticket());
  await page.waitForSelector("#field-name");
  assert.equal(await page.inputValue("#field-name"), "小穗");
  await second.close();
  await page.getByRole("link", { name: "返回表单列表" }).click();
  await page.getByRole("button", { name: "删除草稿" }).click();
  await when(page, () => /没有草稿/.test(document.body.textContent ?? ""));
}
