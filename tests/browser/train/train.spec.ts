import { execFileSync } from 'node:child_process';
import type { Page, Worker } from '@playwright/test';
import type {} from 'tonearm/element';
import type { TrainEpoch, TrainResult } from 'tonearm/project';
import { fixture, wav } from '../support/audio.js';
import { HostPage } from '../support/pages/host-page.js';
import { parseBinaryJson } from '../support/binary-json.js';
import { BINARY } from '../support/paths.js';
import { TonearmPage, expect, test } from '../support/pages/tonearm.js';
import { saved, tune, tunes, withTwoClasses } from '../support/two-classes.js';
import { type StoredRun, Workbench } from '../support/pages/workbench.js';

/** Reruns a saved project with the binary, and returns its first epoch and its report. */
function rerun(zip: string): { first: TrainEpoch; report: TrainResult } {
  const line = ['train', '--project', zip, '--out', zip.replace('.zip', '.bpk'), '--json'];
  const lines = execFileSync(BINARY, line, { encoding: 'utf8' }).trim().split('\n');
  return { first: parseBinaryJson(lines[0]!), report: parseBinaryJson(lines.at(-1)!) };
}

/**
 * Checks that the runs of the binary and of the page start alike. A newly initialised last layer gives the same first
 * loss for any input, so the first epoch is compared too.
 */
function expectSameStart({ first, report }: ReturnType<typeof rerun>, here: StoredRun) {
  expect(Math.abs(report.firstLoss - here.result!.firstLoss)).toBeLessThan(1e-5);
  expect(Math.abs(first.validationLoss! - here.epochs[0]!.validationLoss!)).toBeLessThan(1e-3);
}

function kill(worker: Worker) {
  // The call rejects, because the worker closes before it replies.
  void worker.evaluate(() => self.close()).catch(() => undefined);
}

test('a model of two classes works on Listen and, once saved, in the binary', async ({ tonearm, page, consoleErrors }) => {
  const bench = await withTwoClasses(tonearm);
  await bench.name(0, 'Tune');
  await bench.name(1, 'Noise');
  await bench.train();
  await expect(bench.view.locator('class-scores')).toContainText('100');
  await bench.picture('train-result');

  const weights = await saved(bench.download('Save weights'), 'two.bpk');
  const output = execFileSync(BINARY, ['classify', '--json', '--weights', weights, tune], { encoding: 'utf8' });
  const native = JSON.parse(output.trim().split('\n')[0]!);
  expect(native.label).toBe('Tune');

  await page.getByRole('button', { name: 'Use on Listen' }).click();
  const answer = await tonearm.classify(tune);
  expect(answer.label).toBe('Tune');
  for (const [label, probability] of Object.entries(answer.probabilities!)) {
    expect(Math.abs(probability - native.probabilities[label])).toBeLessThan(1e-3);
  }
  expect(consoleErrors).toEqual([]);
});

test('the example project reaches a validation accuracy above 90 %', async ({ tonearm, page, consoleErrors }) => {
  const bench = new Workbench(tonearm);
  await bench.open();
  await page.getByRole('button', { name: 'Try the example project' }).click();
  await expect(bench.cards).toHaveCount(4);
  for (const card of await bench.cards.all()) await expect(card).toContainText('16 files', { timeout: 120_000 });
  await bench.train();
  const [run] = await bench.runs();
  // The validation clips have artists of their own.
  expect(run!.result!.validation).toHaveLength(16);
  expect(run!.result!.metrics.top1).toBeGreaterThan(0.9);
  expect(consoleErrors).toEqual([]);
});

test('a sound of the example project that cannot be synthesised is listed as a file that could not be added', async ({ tonearm, page }) => {
  const bench = new Workbench(tonearm);
  await bench.open();
  await page.route('**/example-worker*', (route) => route.abort());
  await page.getByRole('button', { name: 'Try the example project' }).click();
  await expect(bench.view.locator('.failed-files').first()).toContainText('The sound could not be synthesised.', { timeout: 30_000 });
});

test('saved weights work when dropped on Listen, and in an element through its weights attribute', async ({ tonearm, page }) => {
  const bench = await withTwoClasses(tonearm);
  await bench.train();
  const weights = await saved(bench.download('Save weights'), 'dropped.bpk');
  await bench.clear();
  await tonearm.open();
  await tonearm.drop(weights);
  expect(Object.keys((await tonearm.classify(tune)).probabilities!)).toEqual(['Class 1', 'Class 2']);

  const host = new HostPage(page, tonearm.server);
  host.offer('mine.bpk', weights);
  host.offer('tune.wav', tune);
  await host.open('<tone-arm src="tune.wav" weights="mine.bpk" autorun></tone-arm>');
  await expect(host.arm.locator('tone-arm-answer')).toContainText('Class 1', { timeout: 60_000 });
  await expect(host.arm.locator('tone-arm-bars li')).toHaveCount(2);
  const blob = await host.arm.evaluate(async (arm) => {
    const address = URL.createObjectURL(await fetch('mine.bpk').then((response) => response.blob()));
    return new Promise<string[]>((resolve) => {
      (arm as HTMLElement).addEventListener('tonearm-prediction', ({ detail }) => resolve(detail.top.map(({ label }) => label)));
      arm.setAttribute('weights', address);
    });
  });
  expect(blob).toEqual(['Class 1', 'Class 2']);
});

test('the binary reruns a training from the saved project', async ({ tonearm }) => {
  const bench = await withTwoClasses(tonearm);
  await bench.train();
  const zip = await saved(bench.download('Save project as zip'), 'project.zip');
  const native = rerun(zip);
  const here = (await bench.runs())[0]!;
  expectSameStart(native, here);
  expect(native.report.validation).toEqual(here.result!.validation);
  for (const [index, { file, probabilities }] of here.result!.predictions.entries()) {
    expect(native.report.predictions[index]!.file).toBe(file);
    for (const [label, probability] of probabilities.entries()) {
      expect(Math.abs(native.report.predictions[index]!.probabilities[label]! - probability)).toBeLessThan(1e-2);
    }
  }
});

test('the same data, settings and seed give the same weights', async ({ tonearm }) => {
  const bench = await withTwoClasses(tonearm);
  await bench.train();
  await bench.train();
  const [second, first] = await bench.runs();
  expect(second!.weights).toEqual(first!.weights);
});

test('after a reload in the middle of a run, no file or epoch is lost, and the run can be resumed', async ({ tonearm, page }) => {
  const bench = await withTwoClasses(tonearm);
  await bench.start({ epochs: 3000, patience: 3000 });
  await bench.reaches(5);
  await expect.poll(async () => (await bench.runs())[0]?.epochs.length ?? 0).toBeGreaterThan(0);
  await page.reload();
  await expect(bench.cards).toHaveCount(2);
  await expect(bench.cards.nth(0)).toContainText('5 files');
  const stored = (await bench.runs())[0]!;
  await expect(bench.view.getByText('Training was interrupted')).toBeVisible();
  await page.getByRole('button', { name: 'Resume', exact: true }).click();
  await bench.reaches(stored.epochs.length + 1);
  await page.getByRole('button', { name: 'Stop and keep the best' }).click();
  await bench.finishes();
  const [run] = await bench.runs();
  expect(run!.status).toBe('stopped');
  // Every epoch occurs once and in order, so the run did not start again.
  expect(run!.epochs.map(({ epoch }) => epoch)).toEqual(run!.epochs.map((_, index) => index + 1));
});

test('a paused run can be resumed', async ({ tonearm, page }) => {
  const bench = await withTwoClasses(tonearm);
  await bench.start({ epochs: 3000, patience: 3000 });
  await bench.reaches(2);
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(bench.view.getByText('Paused.')).toBeVisible();
  const epoch = await bench.epoch();
  await page.waitForTimeout(1000);
  expect(await bench.epoch()).toBe(epoch);
  await page.getByRole('button', { name: 'Resume' }).click();
  await bench.reaches(epoch + 2);
  await page.getByRole('button', { name: 'Stop and keep the best' }).click();
  await bench.finishes();
});

test('a worker that is killed in the middle of a run is replaced, and the run continues', async ({ tonearm, page }) => {
  const bench = await withTwoClasses(tonearm);
  const workers: Worker[] = page.workers();
  await bench.start({ epochs: 3000, patience: 3000 });
  await bench.reaches(5);
  kill(workers[0]!);
  await expect.poll(() => page.workers().length && page.workers()[0] !== workers[0]).toBeTruthy();
  const at = await bench.epoch();
  await bench.reaches(at + 5);
  await page.getByRole('button', { name: 'Stop and keep the best' }).click();
  await bench.finishes();
  const [run] = await bench.runs();
  expect(run!.epochs.map(({ epoch }) => epoch)).toEqual(run!.epochs.map((_, index) => index + 1));
});

test('a saved project can be opened after all data was deleted, and gives the same predictions', async ({ tonearm, page }) => {
  const bench = await withTwoClasses(tonearm);
  await bench.train();
  const zip = await saved(bench.download('Save project as zip'), 'back.zip');
  await page.getByRole('button', { name: 'Use on Listen' }).click();
  const before = await tonearm.classify(tune);
  await bench.open();
  await bench.clear();
  await bench.openZip(zip);
  await expect(bench.cards.nth(1)).toContainText('5 files');
  // Listen classifies its open track again.
  const after = await tonearm.answerTo(() => page.getByRole('button', { name: 'Use on Listen' }).click());
  expect(after.probabilities).toEqual(before.probabilities);
});

test('a reopened project shows the settings of its latest run', async ({ tonearm, page }) => {
  const bench = await withTwoClasses(tonearm);
  const panel = page.locator('train-panel');
  const shows = async (epochs: string, effort: string) => {
    await expect(panel.locator('input[name="epochs"]')).toHaveValue(epochs);
    await expect(panel.getByRole('radio', { name: effort })).toBeChecked();
  };
  await expect(panel.locator('input[name="epochs"]')).not.toHaveValue('');
  const untouched = await panel.locator('input[name="epochs"]').inputValue();
  await bench.start({ epochs: 7, folds: 2 });
  await bench.finishes();
  await shows('7', 'Thorough');
  await page.reload();
  await shows('7', 'Thorough');

  const zip = await saved(bench.download('Save project as zip'), 'settings.zip');
  // Choosing a preset shows its settings, which are stored only when a run starts.
  await panel.getByRole('radio', { name: 'Quick' }).check();
  await shows(untouched, 'Quick');
  await bench.addTo(0, [tune], 6);
  await shows(untouched, 'Quick');
  await bench.projects('Duplicate');
  await shows('7', 'Thorough');

  await bench.clear();
  await bench.openZip(zip);
  await shows('7', 'Thorough');
});

test('files that cannot be added are listed with a reason, and the others are added', async ({ tonearm }) => {
  const bench = new Workbench(tonearm);
  await bench.open();
  await bench.begin();
  const broken = fixture('Broken.mp3', 'no audio');
  const silent = fixture('Silent.wav', wav({ seconds: 3, silent: true }));
  const again = fixture('Tune again.wav', wav({ seconds: 4, channels: 1 }));
  await bench.addTo(0, [tunes[0]!, broken, silent, again, tunes[1]!], 2);
  const failed = bench.view.locator('.failed-files');
  await expect(failed).toContainText('This file contains no audio that the browser can decode');
  await expect(failed).toContainText('The file is silent');
  await expect(failed).toContainText('identical to Tune 0.wav, which is already in the project');
});

test('undoing the removal of a class restores its files', async ({ tonearm, page }) => {
  const bench = await withTwoClasses(tonearm);
  await page.getByRole('button', { name: 'Remove the class Class 1' }).click();
  await expect(bench.cards).toHaveCount(1);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(bench.cards.nth(0)).toContainText('5 files');
});

test('projects can be renamed, duplicated and deleted independently', async ({ tonearm, page }) => {
  const bench = await withTwoClasses(tonearm);
  await bench.view.getByLabel('Project name').fill('Sounds');
  await bench.view.getByLabel('Project name').press('Enter');
  await bench.projects('Duplicate');
  await expect(bench.view.getByLabel('Project name')).toHaveValue('Sounds (copy)');
  await page.getByRole('button', { name: 'Remove the class Class 1' }).click();
  await expect(bench.cards).toHaveCount(1);
  page.once('dialog', (dialog) => void dialog.accept());
  await bench.projects('Delete project');
  await expect(bench.view.getByLabel('Project name')).toHaveValue('Sounds');
  await expect(bench.cards).toHaveCount(2);
  await expect(bench.cards.nth(0)).toContainText('5 files');
});

test('a cross-validated run tests every file with a model that was not trained on it', async ({ tonearm, page }) => {
  const bench = await withTwoClasses(tonearm);
  await page.getByLabel('Thorough').check();
  await bench.train();
  const { result, epochs } = (await bench.runs())[0]!;
  expect(result!.validation).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(result!.train).toHaveLength(10);
  expect(Math.max(...epochs.map(({ fold }) => fold))).toBe(6);
  await expect(page.locator('run-report')).toContainText('Trained on all files, after 5 folds');
  await expect(page.locator('runs-table')).toContainText('all files');
});

test('a project that is open in another tab is read-only', async ({ tonearm, page, context }) => {
  const bench = await withTwoClasses(tonearm);
  const second = await context.newPage();
  await second.goto(`${tonearm.server.url}#train`);
  await expect(second.getByText('open in another tab, so it is read-only')).toBeVisible();
  await expect(second.getByRole('button', { name: 'Train', exact: true })).toBeDisabled();

  // Nor can the second tab delete it together with all projects.
  await second.locator('input.csv').setInputFiles(fixture('rows.csv', 'genre,a\nLow,1\nLow,2\nHigh,3\nHigh,4\n'));
  await expect(second.getByText('4 rows. Columns: a.')).toBeVisible();
  second.once('dialog', (dialog) => void dialog.accept());
  await new Workbench(new TonearmPage(second, tonearm.server)).projects('Delete all projects');
  await expect(second.getByText('so nothing was deleted')).toBeVisible();
  await second.close();
  await expect(bench.cards).toHaveCount(2);
  await expect(page.getByText('open in another tab, so it is read-only')).toHaveCount(0);
});

async function refuseStorage(page: Page) {
  await page.addInitScript(() => {
    Object.defineProperty(globalThis, 'indexedDB', {
      get() {
        throw new DOMException('denied', 'SecurityError');
      },
    });
  });
}

test('without storage, the page shows a warning and can still train', async ({ tonearm, page }) => {
  await refuseStorage(page);
  const bench = await withTwoClasses(tonearm);
  await expect(bench.view.getByText('does not let the page store data')).toBeVisible();
  await bench.train();
  await expect(bench.view.locator('class-scores')).toContainText('100');
});

test('without storage space, a file is not added, and the page says what to do', async ({ tonearm, page }) => {
  await page.addInitScript(() => {
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (this: IDBObjectStore, ...given: Parameters<typeof put>) {
      if (this.name === 'features') throw new DOMException('full', 'QuotaExceededError');
      return put.apply(this, given);
    };
  });
  const bench = new Workbench(tonearm);
  await bench.open();
  await bench.begin();
  await bench.addTo(0, [tunes[0]!], 0);
  await expect(bench.view.locator('.failed-files')).toContainText('not enough storage space');
});

test('opening a broken project shows an error', async ({ tonearm }) => {
  const bench = new Workbench(tonearm);
  await bench.open();
  await bench.openZip(fixture('Broken.zip', 'PK nonsense'));
  await expect(bench.view.getByRole('alert')).toContainText('cannot be read');
});

/** Changes the fingerprint of one file's features, as if another version had computed them. */
function ageFeatures(page: Page): Promise<void> {
  return page.evaluate(() => new Promise<void>((resolve, reject) => {
    const opening = indexedDB.open('tonearm-train');
    opening.onerror = reject;
    opening.onsuccess = () => {
      const database = opening.result;
      const changing = database.transaction('features', 'readwrite');
      const first = changing.objectStore('features').openCursor();
      first.onsuccess = () => first.result?.update({ ...first.result.value, fingerprint: 'another' });
      changing.onabort = reject;
      changing.oncomplete = () => {
        database.close();
        resolve();
      };
    };
  }));
}

test('features computed by another version are not used, and the page asks to add the file again', async ({ tonearm, page }) => {
  const bench = await withTwoClasses(tonearm);
  await ageFeatures(page);
  await bench.start();
  await expect(bench.view.getByRole('alert')).toContainText(/another version of Tonearm computed the features of .*remove the file and add it again/i);
  expect((await bench.runs())[0]!.status).toBe('failed');
});

for (const recipe of ['Fine-tune', 'CNN on mel spectrograms', 'RNN on MFCCs']) {
  test(`${recipe} trains in the page, and the binary reruns it`, async ({ tonearm, page }) => {
    const bench = await withTwoClasses(tonearm);
    await page.getByRole('radio', { name: recipe }).check();
    await bench.start({ epochs: 2 });
    await bench.finishes();
    const here = (await bench.runs())[0]!;
    expect(here.status).toBe('done');
    const zip = await saved(bench.download('Save project as zip'), 'recipe.zip');
    const native = rerun(zip);
    expectSameStart(native, here);
    const { metrics } = native.report;
    expect(Math.abs(metrics.top1 - here.result!.metrics.top1) * metrics.n).toBeLessThanOrEqual(1);
  });
}

test('dropping an audio file on a project with a table creates another project', async ({ tonearm }) => {
  const bench = new Workbench(tonearm);
  await bench.open();
  await bench.view.locator('input.csv').setInputFiles(fixture('rows.csv', 'genre,a\nLow,1\nLow,2\nHigh,3\nHigh,4\n'));
  await expect(bench.view).toContainText('4 rows. Columns: a.');
  await tonearm.drop(tune);
  await expect(bench.cards).toHaveCount(1);
  await expect(bench.cards).toContainText('1 file', { timeout: 60_000 });
});

test('a model trained on a table can be rerun by the binary', async ({ tonearm }) => {
  const bench = new Workbench(tonearm);
  await bench.open();
  const rows = Array.from({ length: 240 }, (_, i) => `${i % 2 ? 'High' : 'Low'},${(i % 2 ? 1 : -1) + (i % 7) / 20},${i % 5}`);
  await bench.view.locator('input.csv').setInputFiles(fixture('heights.csv', ['genre,height,noise', ...rows].join('\n')));
  await expect(bench.view).toContainText('240 rows. Columns: height, noise.');
  await bench.train();
  const [here] = await bench.runs();
  expect(here!.result!.metrics.top1).toBe(1);
  const zip = await saved(bench.download('Save project as zip'), 'heights.zip');
  const native = rerun(zip);
  expectSameStart(native, here!);
  const { metrics } = native.report;
  expect(Math.abs(metrics.top1 - here!.result!.metrics.top1) * metrics.n).toBeLessThanOrEqual(1);
});
