// No serious finding of axe-core on the page as it stands.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export async function seriousFindings(page, name) {
  if (!(await page.evaluate("typeof window.axe"))?.startsWith("object")) await page.evaluate(source);
  const { violations } = await page.evaluate(() => window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }));
  return violations.filter((one) => ["serious", "critical"].includes(one.impact))
    .map((one) => `${name}: ${one.id} (${one.impact}): ${one.nodes.slice(0, 3).map((node) => `${node.target} ${node.failureSummary?.split("\n")[1] ?? ""}`).join(" | ")}`);
}
