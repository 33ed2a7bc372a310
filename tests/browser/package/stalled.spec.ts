import type { Page, Route } from '@playwright/test';
import { fixture, wav } from '../support/audio.js';
import { test as onHost } from '../support/pages/host-page.js';
import { expect, test } from '../support/pages/tonearm.js';
import { Workbench } from '../support/pages/workbench.js';

const first = fixture('First.wav', wav({ seconds: 6 }));
const second = fixture('Second.wav', wav({ seconds: 7 }));

/** A little more than the deadline of a download, in seconds. */
const DEADLINE = 31;

/** Leaves the first requests without a response and passes on those after them; `asked` counts all. */
async function stall(page: Page, address: string, requests = 1): Promise<{ asked: number }> {
  const seen = { asked: 0 };
  await page.route(address, async (route: Route) => {
    seen.asked++;
    if (seen.asked > requests) await route.continue();
  });
  return seen;
}

/** Waits until a request is under way, and lets the deadline of its download pass. */
async function waitInVain(page: Page, seen: { asked: number }, requests = 1) {
  await expect.poll(() => seen.asked).toBe(requests);
  await page.clock.fastForward(DEADLINE * 1000);
}

for (const [what, address] of [
  ['module', '**/*.wasm'],
  ['weights', '**/*.bpk'],
] as const) {
  test(`a download of the ${what} that stalls fails its track, the queue goes on, and a retry fetches again`, async ({ tonearm, page }) => {
    await page.clock.install();
    const seen = await stall(page, address);
    await tonearm.open();
    await tonearm.choose(first, second);
    await waitInVain(page, seen);
    expect(await tonearm.trouble()).toMatch(/The download stalled: no more data arrived \(.+\)\.\s+Check the connection and try again\./);
    await expect(page.locator('tone-arm[hidden]')).toHaveAttribute('state', 'done', { timeout: 60_000 });
    expect(seen.asked).toBe(2);
    await tonearm.answerTo(() => tonearm.track.getByRole('button', { name: 'Try again' }).click());
  });
}

test('a cancelled track leaves the download to the track after it', async ({ tonearm, page }) => {
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  let asked = 0;
  await page.route('**/*.wasm', async (route) => {
    asked++;
    await released;
    await route.continue();
  });
  await tonearm.open();
  await tonearm.choose(first, second);
  await expect.poll(() => asked).toBe(1);
  await tonearm.track.getByRole('button', { name: 'Cancel' }).click();
  await expect(tonearm.track.locator('.answer')).toContainText('Cancelled');
  // The one after it does not wait for what nobody wants any more.
  await expect(page.locator('tone-arm[hidden]')).toHaveAttribute('state', 'loading');
  release();
  await expect.poll(async () => (await tonearm.answers()).length, { timeout: 60_000 }).toBe(1);
  expect(asked).toBe(1);
});

test('a worker whose script stalls fails its track, and a retry starts another', async ({ tonearm, page }) => {
  await page.clock.install();
  // The request of the worker, and the one that finds out whether it is slow.
  const seen = await stall(page, '**/worker*.js', 2);
  await tonearm.open();
  const others = ['.wasm', '.bpk'].map((ending) => page.waitForEvent('requestfinished', (request) => request.url().endsWith(ending)));
  await tonearm.choose(first);
  await Promise.all(others);
  // Until the page has read what has arrived, their deadlines would pass too.
  await page.waitForTimeout(500);
  await waitInVain(page, seen);
  await waitInVain(page, seen, 2);
  expect(await tonearm.trouble()).toMatch(/The download stalled.*worker.*\.js/);
  await tonearm.answerTo(() => tonearm.track.getByRole('button', { name: 'Try again' }).click());
});

onHost('a song that stalls is an error of its own, and the size of a stalled download stays unknown', async ({ host, page }) => {
  await page.clock.install();
  const sizes = await stall(page, '**/*.{wasm,bpk}', 2);
  await host.open('<tone-arm></tone-arm>');
  await waitInVain(page, sizes, 2);
  await expect(host.arm.locator('.picker + .quiet')).toContainText('program and weights are fetched');
  const song = await stall(page, '**/song.mp3');
  const error = host.errorOf({ src: 'song.mp3' });
  await host.arm.getByRole('button', { name: 'What genre is it?' }).click();
  await waitInVain(page, song);
  expect(await error).toMatchObject({ code: 'song-stalled', message: 'The download of the song stalled: no more data arrived.' });
  await expect(host.arm.getByRole('button', { name: 'Try again' })).toBeVisible();
});

test('an example whose worker stalls is refused in words, and the next one starts another', async ({ tonearm, page }) => {
  await page.clock.install();
  const seen = await stall(page, '**/example-worker*.js', 2);
  await tonearm.open();
  const bench = new Workbench(tonearm);
  await bench.open();
  await page.getByRole('button', { name: 'Try the example project' }).click();
  await waitInVain(page, seen);
  await waitInVain(page, seen, 2);
  await expect(bench.view.locator('.refused')).toContainText('could not be loaded because its download stalled');
  await expect.poll(() => seen.asked).toBe(3);
});

test('training settings that cannot be loaded are reported, and can be loaded again', async ({ tonearm, page }) => {
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
