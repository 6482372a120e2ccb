// No page has more than one primary action. What lies under a dialog does not count: it cannot be pressed.
export async function primaryActions(page) {
  return page.evaluate(() => {
    const dialogs = [...document.querySelectorAll(".el-overlay")].filter((one) => getComputedStyle(one).display !== "none");
    const root = dialogs.length > 0 ? dialogs[dialogs.length - 1] : document;
    return [...root.querySelectorAll(".primary")].filter((one) => one.getClientRects().length > 0).map((one) => one.textContent.trim());
  });
}

export async function checkOneAction(page, name) {
  const found = await primaryActions(page);
  if (found.length > 1) throw new Error(`${name} has ${found.length} primary actions: ${found.join(", ")}`);
  return found.length;
}
