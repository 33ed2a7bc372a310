import { type AddressInfo, createServer } from 'node:net';
import { type Page, chromium } from '@playwright/test';
import { ARGS, executablePath } from '../playwright.config.js';
import { fixture, wav } from '../support/audio.js';
import { expect, test as base } from '../support/pages/tonearm.js';
import { Workbench } from '../support/pages/workbench.js';

const tunes = [0, 1, 2].map((i) => fixture(`Tune ${i}.wav`, wav({ seconds: 4 + i / 4, channels: 1 })));
const noises = [0, 1, 2].map((i) => fixture(`Noise ${i}.wav`, wav({ seconds: 4 + i / 4, channels: 1, noise: true })));

/** Arguments with which Playwright by default keeps hidden pages active. */
const KEEP_ACTIVE = ['--disable-backgrounding-occluded-windows', '--disable-renderer-backgrounding', '--disable-background-timer-throttling'];

/** Uses a browser that Playwright attaches to over CDP, because tabs are never hidden in a browser that it launches itself. */
const test = base.extend({
  page: async ({}, use) => {
    const port = await freePort();
    const browser = await chromium.launch({ executablePath, args: [...ARGS, `--remote-debugging-port=${port}`], ignoreDefaultArgs: KEEP_ACTIVE });
    const attached = await chromium.connectOverCDP(`http://127.0.0.1:${port}`, { noDefaults: true });
    await use(await attached.contexts()[0]!.newPage());
    await attached.close();
    await browser.close();
  },
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

const visibility = (page: Page) => page.evaluate(() => document.visibilityState);

test('training continues in a hidden tab, and its progress is saved', async ({ tonearm, page }) => {
  const bench = new Workbench(tonearm);
  await bench.open();
  await bench.begin();
  await bench.addTo(0, tunes);
  await bench.addTo(1, noises);
  await bench.start({ epochs: 10_000, patience: 10_000, batch: 2 });
  await bench.reaches(2);

  const other = await page.context().newPage();
  await other.bringToFront();
  await expect.poll(() => visibility(page), { timeout: 30_000 }).toBe('hidden');
  const savedEpochs = async () => (await bench.runs())[0]!.epochs.length;
  const before = await savedEpochs();
  await expect.poll(savedEpochs, { timeout: 60_000 }).toBeGreaterThan(before + 20);
  expect(await visibility(page)).toBe('hidden');

  await page.bringToFront();
  await expect.poll(() => visibility(page), { timeout: 30_000 }).toBe('visible');
  await page.getByRole('button', { name: 'Stop and keep the best' }).click();
  await bench.finishes();
  const [run] = await bench.runs();
  expect(run!.epochs.map(({ epoch }) => epoch)).toEqual(run!.epochs.map((_, index) => index + 1));
});
