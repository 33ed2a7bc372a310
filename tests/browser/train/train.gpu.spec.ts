import { execFileSync } from 'node:child_process';
import { BINARY } from '../support/paths.js';
import { TonearmPage, expect, test } from '../support/pages/tonearm.js';
import { saved, tune, withTwoClasses } from '../support/two-classes.js';
import { Workbench } from '../support/pages/workbench.js';

test('a model trained on the GPU works on Listen and in the binary', async ({ tonearm, page }) => {
  const bench = await withTwoClasses(tonearm, '?backend=webgpu');
  await bench.start({ epochs: 12 });
  await bench.finishes();
  const run = (await bench.runs())[0]!;
  expect(run).toMatchObject({ status: 'done', backend: 'webgpu', fallback: null });
  expect(run.result!.firstLoss).toBeCloseTo(Math.log(2), 5);
  expect(run.result!.metrics.top1).toBe(1);

  const weights = await saved(bench.download('Save weights'), 'gpu.bpk');
  const output = execFileSync(BINARY, ['classify', '--json', '--weights', weights, tune], { encoding: 'utf8' });
  const native = JSON.parse(output.trim().split('\n')[0]!);
  await page.getByRole('button', { name: 'Use on Listen' }).click();
  const answer = await tonearm.classify(tune);
  expect(answer.label).toBe('Class 1');
  for (const [label, probability] of Object.entries(answer.probabilities!)) {
    expect(Math.abs(probability - native.probabilities[label])).toBeLessThan(1e-2);
  }
});

test('the training loss of a CNN falls on the GPU', async ({ tonearm, page }) => {
  const bench = await withTwoClasses(tonearm, '?backend=webgpu');
  await page.getByRole('radio', { name: 'CNN on mel spectrograms' }).check();
  await bench.start({ epochs: 4 });
  await bench.finishes();
  const run = (await bench.runs())[0]!;
  expect(run).toMatchObject({ status: 'done', backend: 'webgpu', fallback: null });
  const losses = run.epochs.map(({ trainLoss }) => trainLoss);
  expect(losses).toHaveLength(4);
  expect(losses[3]!).toBeLessThan(losses[0]!);
});

test('a run continues on the CPU after the GPU process crashes, and loses no saved epoch', async ({ tonearm, page, browser }) => {
  const bench = await withTwoClasses(tonearm, '?backend=webgpu');
  await bench.start({ epochs: 3000, patience: 3000 });
  await bench.reaches(2);
  expect((await bench.runs())[0]!.backend).toBe('webgpu');
  const session = await browser.newBrowserCDPSession();
  await session.send('Browser.crashGpuProcess');
  await expect(bench.view.getByText('The GPU failed')).toBeVisible({ timeout: 120_000 });
  await bench.reaches((await bench.epoch()) + 20);
  await page.getByRole('button', { name: 'Stop and keep the best' }).click();
  await bench.finishes();
  const run = (await bench.runs())[0]!;
  expect(run).toMatchObject({ status: 'stopped', backend: 'cpu' });
  expect(run.fallback?.code).toMatch(/^gpu-(lost|silent|crashed|failed)$/);
  expect(run.result!.notes).toEqual([{ kind: 'chosen-on-validation' }, { kind: 'optimizer-reset', times: 1 }]);
  expect(run.epochs.map(({ epoch }) => epoch)).toEqual(run.epochs.map((_, index) => index + 1));
});

test('a GPU run that was interrupted by a crash of the tab can be resumed on the CPU', async ({ tonearm, page, context }) => {
  const bench = await withTwoClasses(tonearm, '?backend=webgpu');
  await bench.start({ epochs: 3000, patience: 3000 });
  await bench.reaches(2);
  await expect.poll(async () => (await bench.runs())[0]!.epochs.length).toBeGreaterThan(0);
  const session = await context.newCDPSession(page);
  const crashed = page.waitForEvent('crash');
  void session.send('Page.crash').catch(() => undefined);
  await crashed;

  const second = new TonearmPage(await context.newPage(), tonearm.server);
  await second.open();
  const again = new Workbench(second);
  await again.open();
  await expect(again.view.getByText('Training was interrupted')).toBeVisible();
  const { epochs } = (await again.runs())[0]!;
  await second.page.getByRole('button', { name: 'Resume on the CPU' }).click();
  await again.reaches(epochs.length + 20);
  await second.page.getByRole('button', { name: 'Stop and keep the best' }).click();
  await again.finishes();
  const run = (await again.runs())[0]!;
  expect(run).toMatchObject({ status: 'stopped', backend: 'cpu' });
  expect(run.fallback?.code).toBe('resumed-on-cpu');
  expect(run.epochs.map(({ epoch }) => epoch)).toEqual(run.epochs.map((_, index) => index + 1));
});

test('a long run uses the faster device, and a short one does not fetch the GPU module', async ({ tonearm, page }) => {
  const fetched = () => tonearm.server.requests.filter((path) => path.endsWith('.wasm')).length;
  const bench = await withTwoClasses(tonearm);
  await bench.train();
  expect(fetched()).toBe(1);
  expect((await bench.runs())[0]!.backend).toBe('cpu');

  await page.getByRole('radio', { name: 'CNN on mel spectrograms' }).check();
  await bench.start({ epochs: 3000, patience: 3000 });
  await bench.reaches(1);
  await page.getByRole('button', { name: 'Stop and keep the best' }).click();
  await bench.finishes();
  const run = (await bench.runs())[0]!;
  // The faster device depends on the machine, but both were tried.
  expect(fetched()).toBe(2);
  expect(run).toMatchObject({ status: 'stopped', fallback: null });
});
