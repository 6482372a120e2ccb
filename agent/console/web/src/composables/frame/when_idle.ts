// Work that nobody waits for, once the page has drawn and rests.
const kLatestMs = 2000;

export function whenIdle(act: () => void): void {
  requestIdleCallback(act, { timeout: kLatestMs });
}
