import type { Page, Route } from '@playwright/test';
import { fixture, wav } from '../support/audio.js';
import { test as onHost } from '../support/pages/host-page.js';
import { expect, test } from '../support/pages/tonearm.js';
import { Workbench } from '../support/pages/workbench.js';

const first = fixture('First.wav', wav({ seconds: 6 }));
const second = fixture('Second.wav', wav({ seconds: 7 }));

/** Slightly more than the stall deadline of a download, in seconds. */
const DEADLINE = 31;

/** Never responds to the first requests and lets later ones pass. The result counts all requests. */
async function stall(page: Page, address: string, stalled = 1): Promise<{ requests: number }> {
  const seen = { requests: 0 };
  await page.route(address, async (route: Route) => {
    seen.requests++;
    if (seen.requests > stalled) await route.continue();
  });
  return seen;
}

/** Counts the responses that pages read to the end from now on. */
async function countBodies(page: Page): Promise<() => Promise<number>> {
  await page.addInitScript(() => {
    const counter = Object.assign(globalThis, { bodiesRead: 0 });
    const { arrayBuffer } = Response.prototype;
    Response.prototype.arrayBuffer = async function () {
      const bytes = await arrayBuffer.call(this);
      counter.bodiesRead++;
      return bytes;
    };
  });
  return () => page.evaluate(() => (globalThis as unknown as { bodiesRead: number }).bodiesRead);
}

/** Waits until a number of requests were sent, and then lets the stall deadline pass. */
async function passDeadline(page: Page, seen: { requests: number }, requests = 1) {
  await expect.poll(() => seen.requests).toBe(requests);
  await page.clock.fastForward(DEADLINE * 1000);
}

for (const [what, address] of [
  ['module', '**/*.wasm'],
  ['weights', '**/*.bpk'],
] as const) {
  test(`a stalled download of the ${what} fails its track, the queue continues, and a retry downloads again`, async ({ tonearm, page }) => {
    await page.clock.install();
    const seen = await stall(page, address);
    await tonearm.open();
    await tonearm.choose(first, second);
    await passDeadline(page, seen);
    expect(await tonearm.trouble()).toMatch(/The download stalled: no more data arrived \(.+\)\.\s+Check the connection and try again\./);
    await expect(page.locator('tone-arm[hidden]')).toHaveAttribute('state', 'done', { timeout: 60_000 });
    expect(seen.requests).toBe(2);
    await tonearm.answerTo(() => tonearm.track.getByRole('button', { name: 'Try again' }).click());
  });
}

test('cancelling a track keeps the download for the next track', async ({ tonearm, page }) => {
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  let requests = 0;
  await page.route('**/*.wasm', async (route) => {
    requests++;
    await released;
    await route.continue();
  });
  await tonearm.open();
  await tonearm.choose(first, second);
  await expect.poll(() => requests).toBe(1);
  await tonearm.track.getByRole('button', { name: 'Cancel' }).click();
  await expect(tonearm.track.locator('.answer')).toContainText('Cancelled');
  // The next track does not wait for the cancelled one.
  await expect(page.locator('tone-arm[hidden]')).toHaveAttribute('state', 'loading');
  release();
  await expect.poll(async () => (await tonearm.answers()).length, { timeout: 60_000 }).toBe(1);
  expect(requests).toBe(1);
});

test('a worker whose script stalls fails its track, and a retry starts another worker', async ({ tonearm, page }) => {
  await page.clock.install();
  const bodiesRead = await countBodies(page);
  // The worker's own request, and the one that checks whether the connection is slow or stalled.
  const seen = await stall(page, '**/worker*.js', 2);
  await tonearm.open();
  await tonearm.choose(first);
  // The module and the weights; otherwise their deadlines would pass as well.
  await expect.poll(bodiesRead, { timeout: 30_000 }).toBe(2);
  await passDeadline(page, seen);
  await passDeadline(page, seen, 2);
  expect(await tonearm.trouble()).toMatch(/The download stalled.*worker.*\.js/);
  await tonearm.answerTo(() => tonearm.track.getByRole('button', { name: 'Try again' }).click());
});

onHost('a stalled song has its own error code, and the size of a stalled download stays unknown', async ({ host, page }) => {
  await page.clock.install();
  const sizes = await stall(page, '**/*.{wasm,bpk}', 2);
  await host.open('<tone-arm></tone-arm>');
  await passDeadline(page, sizes, 2);
  await expect(host.arm.locator('.picker + .quiet')).toContainText('The first song downloads program and weights.');
  const song = await stall(page, '**/song.mp3');
  const error = host.errorOf({ src: 'song.mp3' });
  await host.arm.getByRole('button', { name: 'What genre is it?' }).click();
  await passDeadline(page, song);
  expect(await error).toMatchObject({ code: 'song-stalled', message: 'The download of the song stalled: no more data arrived.' });
  await expect(host.arm.getByRole('button', { name: 'Try again' })).toBeVisible();
});

test('an example sound whose worker stalls is reported, and the next one starts another worker', async ({ tonearm, page }) => {
  await page.clock.install();
  const seen = await stall(page, '**/example-worker*.js', 2);
  await tonearm.open();
  const bench = new Workbench(tonearm);
  await bench.open();
  await page.getByRole('button', { name: 'Try the example project' }).click();
  await passDeadline(page, seen);
  await passDeadline(page, seen, 2);
  await expect(bench.view.locator('.failed-files')).toContainText('could not be loaded because its download stalled');
  await expect.poll(() => seen.requests).toBe(3);
});

test('training settings that cannot be loaded are reported and can be retried', async ({ tonearm, page }) => {
  await tonearm.open();
  const bench = new Workbench(tonearm);
  await bench.open();
  const csv = ['genre,energy', ...Array.from({ length: 12 }, (_, n) => `${n % 2 ? 'A' : 'B'},${n / 12}`)].join('\n');
  await page.route('**/*.wasm', (route) => route.abort());
  await bench.view.locator('input.csv').setInputFiles(fixture('Table.csv', csv));
  const alert = page.locator('train-panel').getByRole('alert');
  await expect(alert).toContainText('could not be downloaded');
  await page.unroute('**/*.wasm');
  await alert.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('button', { name: 'Train', exact: true })).toBeEnabled({ timeout: 30_000 });
});
