import type { Page } from '@playwright/test';
import { expect, test } from '../support/pages/tonearm.js';
import { Workbench } from '../support/pages/workbench.js';

/** Holds each request for the lock of a project back until `letThrough` is called; `waiting` counts those that wait. */
function holdBackLocks() {
  let letThrough = () => {};
  const through = new Promise<void>((resolve) => (letThrough = resolve));
  const held = { waiting: 0, letThrough };
  Object.assign(globalThis, { held });
  const request = navigator.locks.request.bind(navigator.locks) as (...args: unknown[]) => Promise<unknown>;
  navigator.locks.request = (async (...args: unknown[]) => {
    if (String(args[0]).startsWith('tonearm-project-')) {
      held.waiting++;
      await through;
    }
    return request(...args);
  }) as LockManager['request'];
}

const held = (page: Page) => page.evaluate(() => (globalThis as unknown as { held: { waiting: number } }).held.waiting);

const letThrough = (page: Page) => page.evaluate(() => (globalThis as unknown as { held: { letThrough(): void } }).held.letThrough());

/** Names of the projects' locks that are held. */
const locks = (page: Page) =>
  page.evaluate(async () => ((await navigator.locks.query()).held ?? []).map(({ name }) => name).filter((name) => name?.startsWith('tonearm-project-')));

/** As when the page goes into the browser's cache, and comes back from it. */
const transition = (page: Page, type: 'pagehide' | 'pageshow') =>
  page.evaluate((type) => void dispatchEvent(new PageTransitionEvent(type, { persisted: true })), type);

/** A page whose Train view is about to take the lock of the project that it opens. */
async function opening(bench: Workbench) {
  await bench.open();
  await bench.begin();
  const { page } = bench;
  expect(await locks(page)).toHaveLength(1);
  await page.addInitScript(holdBackLocks);
  await page.reload();
  await expect.poll(() => held(page)).toBe(1);
}

/** Waits until what the view has begun is over. */
const settled = (page: Page) => page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 500)));

test('a page that is left while Train opens holds no project, and opens it on return', async ({ tonearm, page }) => {
  const bench = new Workbench(tonearm);
  await opening(bench);
  await transition(page, 'pagehide');
  await letThrough(page);
  await settled(page);
  expect(await locks(page)).toEqual([]);
  await transition(page, 'pageshow');
  await expect(bench.cards).toHaveCount(2);
  expect(await locks(page)).toHaveLength(1);
  await expect(bench.view.getByText('open in another tab')).toHaveCount(0);
});

test('a page that returns while Train still opens has the project to itself', async ({ tonearm, page }) => {
  const bench = new Workbench(tonearm);
  await opening(bench);
  await transition(page, 'pagehide');
  await transition(page, 'pageshow');
  await letThrough(page);
  await expect(bench.cards).toHaveCount(2);
  expect(await locks(page)).toHaveLength(1);
  await expect(bench.view.getByText('open in another tab')).toHaveCount(0);
});

test('a view that is removed while it opens holds no project', async ({ tonearm, page }) => {
  const bench = new Workbench(tonearm);
  await opening(bench);
  await bench.view.evaluate((view) => view.remove());
  await letThrough(page);
  await settled(page);
  expect(await locks(page)).toEqual([]);
});
