import { randomBytes } from 'node:crypto';
import type { Page, Route, Worker } from '@playwright/test';
import { fixture, wav } from '../support/audio.js';
import { type Core, armPanics } from '../support/panics.js';
import { SITE } from '../support/paths.js';
import { newerVersion, shippedWeights } from '../support/weights.js';
import { expect, test } from '../support/pages/tonearm.js';

const long = fixture('Long.wav', wav({ seconds: 900, sampleRate: 22_050, channels: 1 }));
const short = fixture('Short.wav', wav({ seconds: 6 }));

/** Ends a worker without any event, as a browser that runs out of memory does. */
function kill(worker: Worker) {
  // The call never settles normally, since its worker is gone.
  void worker.evaluate(() => self.close()).catch(() => undefined);
}

async function serveWeights(page: Page, body: Uint8Array) {
  await page.route('**/*.bpk', (route) => route.fulfill({ body: Buffer.from(body) }));
}

test('a worker that is killed during a track is replaced, and the track is classified', async ({ tonearm, page }) => {
  await tonearm.open();
  const workers: Worker[] = [];
  page.on('worker', (worker) => workers.push(worker));
  await tonearm.choose(long);
  await tonearm.isUnderWay();
  kill(workers[0]!);
  await tonearm.reaches('done');
  expect(workers).toHaveLength(2);
});

test('a track fails after its worker is killed twice, and the queue continues', async ({ tonearm, page }) => {
  await tonearm.open();
  let killed = 0;
  const watch = async (worker: Worker) => {
    if (killed === 2) return;
    killed++;
    await tonearm.isUnderWay();
    kill(worker);
  };
  page.on('worker', (worker) => void watch(worker));
  await tonearm.choose(long, short);
  expect(await tonearm.trouble()).toMatch(/stopped unexpectedly/);
  await expect.poll(async () => (await tonearm.answers()).length).toBe(1);
  expect(killed).toBe(2);
});

test('the page recovers from a panic in the worker', async ({ tonearm, page }) => {
  await tonearm.open();
  const workers: Worker[] = [];
  page.on('worker', (worker) => workers.push(worker));
  // Has to happen before the worker receives its module.
  const armed = page.waitForEvent('worker').then(async (worker) => {
    await worker.evaluate(armPanics);
    await worker.evaluate(() => void ((globalThis as unknown as { core: Core }).core.panics = 1));
  });
  await page.route('**/*.wasm', async (route) => {
    await armed;
    await route.continue();
  });
  await tonearm.choose(short);
  await tonearm.reaches('done');
  expect(workers).toHaveLength(2);
});

test('the page recovers from an uncaught error in the worker', async ({ tonearm, page }) => {
  await tonearm.open();
  const started = page.waitForEvent('worker');
  await tonearm.choose(long);
  await tonearm.isUnderWay();
  await (await started).evaluate(() => setTimeout(() => Promise.reject(new Error('a panic'))));
  await tonearm.reaches('done');
});

const WEIGHTS: [string, (bytes: Uint8Array) => Uint8Array, RegExp][] = [
  ['cut short', (bytes) => bytes.slice(0, bytes.length / 2), /weights/i],
  ['of random bytes', (bytes) => randomBytes(bytes.length), /weights/i],
  ['of a newer version', newerVersion, /version|newer/i],
];

for (const [what, corrupt, message] of WEIGHTS) {
  test(`weights ${what} are rejected with a message, and good ones work afterwards`, async ({ tonearm, page }) => {
    await tonearm.open();
    await serveWeights(page, corrupt(shippedWeights(SITE)));
    await tonearm.choose(short);
    expect(await tonearm.trouble()).toMatch(message);
    await page.unroute('**/*.bpk');
    await tonearm.track.getByRole('button', { name: 'Try again' }).click();
    await tonearm.reaches('done');
  });
}

const DOWNLOADS: [string, (route: Route) => Promise<void>][] = [
  ['fails', (route) => route.abort()],
  ['returns an HTML page', (route) => route.fulfill({ body: '<!doctype html>', contentType: 'text/html' })],
];

for (const [what, answer] of DOWNLOADS) {
  test(`a download of the program that ${what} is reported and can be retried`, async ({ tonearm, page }) => {
    await tonearm.open();
    await page.route('**/*.wasm', answer);
    await tonearm.choose(short);
    expect(await tonearm.trouble()).toMatch(/could not be downloaded.*connection/);
    await page.unroute('**/*.wasm');
    await tonearm.track.getByRole('button', { name: 'Try again' }).click();
    await tonearm.reaches('done');
  });
}
