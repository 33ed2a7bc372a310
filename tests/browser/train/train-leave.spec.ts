import type { Page } from '@playwright/test';
import { expect, test } from '../support/pages/tonearm.js';
import { Workbench } from '../support/pages/workbench.js';

/** Delays every request for a project lock until `release` is called. `waiting` counts the delayed requests. */
function delayLocks() {
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  const delayed = { waiting: 0, release };
  Object.assign(globalThis, { delayed });
  const request = navigator.locks.request.bind(navigator.locks) as (...args: unknown[]) => Promise<unknown>;
  navigator.locks.request = (async (...args: unknown[]) => {
    if (String(args[0]).startsWith('tonearm-project-')) {
      delayed.waiting++;
      await released;
    }
    return request(...args);
  }) as LockManager['request'];
}

const waiting = (page: Page) => page.evaluate(() => (globalThis as unknown as { delayed: { waiting: number } }).delayed.waiting);

const release = (page: Page) => page.evaluate(() => (globalThis as unknown as { delayed: { release(): void } }).delayed.release());

/** Names of the project locks that are held. */
const locks = (page: Page) =>
  page.evaluate(async () => ((await navigator.locks.query()).held ?? []).map(({ name }) => name).filter((name) => name?.startsWith('tonearm-project-')));

/** Simulates that the page enters or leaves the back/forward cache. */
const transition = (page: Page, type: 'pagehide' | 'pageshow') =>
  page.evaluate((type) => void dispatchEvent(new PageTransitionEvent(type, { persisted: true })), type);

/** Opens a page whose Train view is waiting for the lock of its project. */
async function opening(bench: Workbench) {
  await bench.open();
  await bench.begin();
  const { page } = bench;
  expect(await locks(page)).toHaveLength(1);
  await page.addInitScript(delayLocks);
  await page.reload();
  await expect.poll(() => waiting(page)).toBe(1);
}

/** Waits until pending work of the view has ended. */
const settled = (page: Page) => page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 500)));

test('a page that is hidden while Train opens releases its lock, and opens the project on return', async ({ tonearm, page }) => {
  const bench = new Workbench(tonearm);
  await opening(bench);
  await transition(page, 'pagehide');
  await release(page);
  await settled(page);
  expect(await locks(page)).toEqual([]);
  await transition(page, 'pageshow');
  await expect(bench.cards).toHaveCount(2);
  expect(await locks(page)).toHaveLength(1);
  await expect(bench.view.getByText('open in another tab')).toHaveCount(0);
});

test('a page that returns while Train is still opening gets the lock of its project', async ({ tonearm, page }) => {
  const bench = new Workbench(tonearm);
  await opening(bench);
  await transition(page, 'pagehide');
  await transition(page, 'pageshow');
  await release(page);
  await expect(bench.cards).toHaveCount(2);
  expect(await locks(page)).toHaveLength(1);
  await expect(bench.view.getByText('open in another tab')).toHaveCount(0);
});

test('a view that is removed while it opens releases its lock', async ({ tonearm, page }) => {
  const bench = new Workbench(tonearm);
  await opening(bench);
  await bench.view.evaluate((view) => view.remove());
  await release(page);
  await settled(page);
  expect(await locks(page)).toEqual([]);
});
