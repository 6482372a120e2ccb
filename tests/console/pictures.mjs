// Takes docs/console/*.webp: each page in Chinese and English, light and dark, wide and narrow.
import { mkdirSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { goTo, launch, openConsole } from "./browser.mjs";
import { darkroom } from "./shot.mjs";
import { scenes } from "./scenes.mjs";
import { siteOf } from "./world/site.mjs";
import { World } from "./world/world.mjs";

const kOut = process.env.PICTURES ?? new URL("../../docs/console/", import.meta.url).pathname;
const wanted = process.argv.slice(2); // find-dark is one picture, find* all variants of a scene
const variants = [
  { name: "", options: {} },
  { name: "-dark", options: { dark: true } },
  { name: "-en", options: { language: "en" } },
  { name: "-narrow", options: { width: 360, height: 740 } },
  { name: "-large", options: { large: true }, only: ["find"] },
];

// One draft, so that pictures do not depend on what was filled in for those before.
async function oneDraft(page, values) {
  await page.evaluate(async (given) => {
    const { csrf } = await fetch("/api/v1/session").then((answer) => answer.json());
    const headers = { "Content-Type": "application/json", "X-CSRF-Token": csrf };
    const { drafts } = await fetch("/api/v1/drafts").then((answer) => answer.json());
    for (const { id } of drafts) await fetch(`/api/v1/drafts/${id}`, { method: "DELETE", headers });
    await fetch("/api/v1/drafts", { method: "POST", headers, body: JSON.stringify({ form: "household-visit", values: given }) });
  }, values);
}

mkdirSync(kOut, { recursive: true });
const world = await World.make();
const site = await siteOf(world);
const browser = await launch();
const take = await darkroom(browser);
let faults = [];
try {
  for (const variant of variants) {
    if (wanted.length > 0 && !wanted.some((one) => one.endsWith("*") || scenes.some((scene) => `${scene.name}${variant.name}` === one))) continue;
    const opened = await openConsole(browser, world, site, variant.options);
    for (const scene of scenes) {
      const name = `${scene.name}${variant.name}`;
      if (wanted.length > 0 && !wanted.some((one) => name === one || `${scene.name}*` === one)) continue;
      if (variant.only && !variant.only.includes(scene.name)) continue;
      if (scene.once && variant.name !== "") continue;
      for (const text of scene.expected ?? []) opened.expect(text);
      await opened.page.keyboard.press("Escape");
      const { person, name: called, village } = world.people[4];
      await oneDraft(opened.page, { person, name: called, village });
      await goTo(opened.page, "/catalogue", "table");
      try {
        await scene.play(opened.page, world, { narrow: variant.name === "-narrow", en: variant.name === "-en" });
      } catch (error) {
        faults.push(`${name}: ${String(error.message).split("\n").slice(0, 3).join(" ")}`);
      }
      await pause(350);
      console.log(name, await take(opened.page, `${kOut}${name}`));
    }
    faults = faults.concat(opened.faults);
    await opened.context.close();
  }
} finally {
  await browser.close();
  site.close();
  world.close();
}
if (faults.length > 0) {
  console.error([...new Set(faults)].join("\n"));
  process.exit(1);
}
