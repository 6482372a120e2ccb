// From the press of a key to the wanted element on the screen. The page itself takes the times: from the stamp of the
// last key to the first message after the frame that has the element, so that nothing of the driver is in them.

function meter() {
  let pressed = 0;
  window.addEventListener("keydown", (event) => { pressed = event.timeStamp; }, true);
  // A composed character comes without a key of its own.
  window.addEventListener("input", (event) => { if (event.timeStamp - pressed > 50) pressed = event.timeStamp; }, true);
  const painted = (act) => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = act;
    channel.port2.postMessage(0);
  });
  // Waits for each of `wanted`, a selector, and perhaps a text that must be in the element.
  window.measureUntil = (wanted, within = 20_000) => {
    const found = {};
    pressed = 0;
    window.measured = new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`not within ${within} ms: ${JSON.stringify(wanted)}`)), within);
      const isThere = ([selector, text]) => [...document.querySelectorAll(selector)].some((one) => !text || one.textContent.includes(text));
      const look = () => {
        if (pressed === 0) return;
        for (const [name, what] of Object.entries(wanted)) {
          if (name in found || !isThere(what)) continue;
          found[name] = null;
          painted(() => {
            found[name] = performance.now() - pressed;
            if (Object.keys(wanted).every((one) => found[one] > 0)) end();
          });
        }
      };
      const observer = new MutationObserver(look);
      const end = () => {
        observer.disconnect();
        clearTimeout(timer);
        resolve(found);
      };
      observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    });
  };
}

export const addMeter = (context) => context.addInitScript(meter);

// Milliseconds by name: act() presses keys, the last of which begins the time.
export async function timeOf(page, wanted, act) {
  await page.evaluate((given) => window.measureUntil(given), wanted);
  await act();
  return page.evaluate(() => window.measured);
}

// A page with nothing on it, from which each measured one is opened; what is open is left first.
async function leave(page) {
  await page.evaluate(() => { location.hash = "#/forbidden"; });
  await page.waitForSelector("#page > .empty");
  await page.evaluate(() => document.querySelector("#page").focus());
  await page.waitForTimeout(120);
}

const press = (page, ...keys) => async () => {
  for (const key of keys) await page.keyboard.press(key);
};
const focusOn = (page, selector) => page.evaluate((wanted) => document.querySelector(wanted).focus(), selector);

export function viewsOf(page, dataset) {
  const go = (letter, wanted) => async () => {
    await leave(page);
    return (await timeOf(page, { view: wanted }, press(page, "g", letter))).view;
  };
  const through = (letter, first, link, wanted) => async () => {
    await leave(page);
    await page.keyboard.press("g");
    await page.keyboard.press(letter);
    await page.waitForSelector(first);
    await focusOn(page, link);
    return timeOf(page, wanted, press(page, "Enter"));
  };
  const card = `a.card[href$="/data/${dataset}"]`;
  return {
    find: go("f", [".start"]),
    datasets: go("d", [".pick .card"]),
    dataset: through("d", card, card, { view: [".grid-row"], facets: [".facet"] }),
    collect: go("c", [".form-list a.button"]),
    form: async () => (await through("c", ".form-list a.button", ".form-list a.button", { view: [".form-field input"] })()).view,
    outbox: go("o", [".record"]),
    watches: go("w", [".watch"]),
    catalogue: go("k", ["tbody tr"]),
    status: go("s", [".cards"]),
    ledger: go("l", ["tbody tr"]),
    sql: go("q", [".sql summary"]),
  };
}

// Search: from the last key of a text to its results. The pause of the page after a key is part of it.
export async function timeSearch(page, text) {
  const characters = [...text];
  const last = characters.pop();
  await page.evaluate(() => { location.hash = "#/"; });
  await page.focus(".top-search input");
  await page.keyboard.press("Control+A");
  await page.keyboard.press("Backspace");
  await page.waitForSelector(".start");
  await page.keyboard.insertText(characters.join(""));
  await page.waitForTimeout(700);
  const wanted = { hits: [`#hits[aria-label$="${text}"] .hit`] };
  return (await timeOf(page, wanted, () => (/[!-~]/.test(last) ? page.keyboard.press(last) : page.keyboard.insertText(last)))).hits;
}

// The row that Enter opens beside the list, with its fields.
export async function timeRow(page) {
  await page.keyboard.press("ArrowDown");
  const { row } = await timeOf(page, { row: [".drawer .field"] }, press(page, "Enter"));
  await page.keyboard.press("Escape");
  return row;
}
