import { fixture, wav } from '../../support/audio.js';
import { look } from '../../support/pages/look.js';
import { expect, test } from '../../support/pages/tonearm.js';
import { Workbench } from '../../support/pages/workbench.js';

const sound = (name: string, i: number, noise: boolean) => fixture(name, wav({ seconds: 4 + i / 4, channels: 1, noise }));
const tunes = [0, 1, 2, 3, 4].map((i) => sound(`Tune ${i}.wav`, i, false));
const noises = [0, 1, 2, 3, 4].map((i) => sound(`Noise ${i}.wav`, i, true));

/** Names without a place to break, from right to left, and with emoji. */
const UNBROKEN = 'Unbroken'.repeat(15);
const ARABIC = '\u0645\u0648\u0633\u064a\u0642\u0649 '.repeat(12).trim();
const HEBREW = '\u05e9\u05d9\u05e8 '.repeat(30).trim();
const EMOJI = '\u{1F3B7}\u{1F941}'.repeat(20);

test('a run can be named, and its results say what they mean and what changed since', async ({ tonearm, page }) => {
  test.setTimeout(300_000);
  const bench = new Workbench(tonearm);
  await bench.open();
  await bench.begin();
  await bench.addTo(0, tunes);
  await bench.addTo(1, noises.slice(0, 4));
  await bench.train();

  const report = bench.view.locator('run-report');
  for (const sentence of ['would most likely be between these two values', 'small classes count as much', 'few files are missed', '0\u00a0% is best']) {
    await expect(report).toContainText(sentence);
  }

  const name = page.getByRole('textbox', { name: /^Name of the run of/ });
  await name.focus();
  await page.keyboard.type('First try');
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await bench.runs())[0]).toMatchObject({ name: 'First try' });
  await expect(name).toHaveValue('First try');
  await expect(page.getByRole('radio', { name: 'First try' })).toBeChecked();
  await expect(bench.view).toContainText('The project’s model is the run “First try”');

  // The store refuses: the name that is shown is still the saved one, and the reason is shown.
  await page.evaluate(() => {
    const view = document.querySelector('tonearm-page')!.shadowRoot!.querySelector('train-view') as unknown as { controller: { openProject: { store: object } } };
    Object.assign(view.controller.openProject.store, { renameRun: () => Promise.reject(new Error('The disk is full.')) });
  });
  await name.fill('Second try');
  await name.press('Enter');
  await expect(page.getByRole('alert')).toContainText('The disk is full.');
  await expect(name).toHaveValue('First try');

  // The best epoch was not the last one, which was kept.
  await page.evaluate(async () => {
    type Run = { result: { keptEpoch: number }; epochs: { epoch: number; isBest: boolean }[] };
    type Project = { project: { id: string }; store: { runsOf(id: string): Promise<Run[]>; saveRun(run: Run): Promise<void> } };
    const view = document.querySelector('tonearm-page')!.shadowRoot!.querySelector('train-view') as unknown as { controller: { openProject: Project } };
    const { project, store } = view.controller.openProject;
    const [run] = await store.runsOf(project.id);
    await store.saveRun({ ...run!, epochs: run!.epochs.map((epoch) => ({ ...epoch, isBest: epoch.epoch === 2 })) });
  });
  await page.reload();
  await expect(name).toHaveValue('First try');
  await expect(report.locator('train-curve').first()).toContainText('best: 2, not kept');
  await expect(report).toContainText('Epoch 2 was better on the validation files');

  const changed = bench.view.locator('.changed');
  await expect(changed).toHaveCount(0);
  await bench.addTo(1, noises.slice(4), 5);
  await bench.name(0, 'Melody');
  await expect(changed).toHaveText('Changed since this run: classes added, removed or renamed, 1 file added. Train again to update the model and these results.');
  await look(page, 'train-named-run');
  await page.setViewportSize({ width: 390, height: 844 });
  await look(page, 'train-named-run-narrow');

  await bench.projects('Duplicate');
  await expect(page.getByLabel('Project name')).toHaveValue('My classes (copy)');
  await expect(name).toHaveValue('First try');
  await name.fill('');
  await name.press('Enter');
  await expect.poll(async () => Object.keys((await bench.runs())[0]!)).not.toContain('name');
});

test('long, unbroken and right-to-left names stay within every view', async ({ tonearm, page }) => {
  test.setTimeout(400_000);
  const bench = new Workbench(tonearm);
  await bench.open();
  await bench.begin();
  await page.getByLabel('Project name').fill(UNBROKEN);
  await page.getByLabel('Project name').press('Enter');
  await bench.name(0, UNBROKEN);
  await bench.name(1, ARABIC);
  await bench.addTo(0, [UNBROKEN, HEBREW, EMOJI, 'Short', `${UNBROKEN.slice(60)} 2`].map((name, i) => sound(`${name}.wav`, i, false)));
  await bench.addTo(1, [`${UNBROKEN.slice(20)} 3`, `${HEBREW} 2`, `${EMOJI} 2`, 'Brief', ARABIC].map((name, i) => sound(`${name}.wav`, i, true)));
  await bench.start({ epochs: 3, folds: 5 });
  await bench.finishes();
  await bench.start();
  await bench.finishes();
  const name = page.getByRole('textbox', { name: /^Name of the run of/ });
  await name.first().fill(UNBROKEN);
  await name.first().press('Enter');
  await expect(bench.view).toContainText(`“${UNBROKEN}”`);
  for (const box of await page.locator('runs-table').getByRole('checkbox').all()) await box.check();
  await expect(page.locator('run-comparison')).toBeVisible();
  await bench.view.locator('confusion-table button').first().click();
  for (const summary of await bench.view.getByText('as a table').all()) await summary.click();

  // File names are shown in full, and each runs in its own direction.
  const titles = page.locator('example-list .title');
  await expect(titles.filter({ hasText: `${UNBROKEN}.wav` })).toHaveCount(1);
  expect(await titles.evaluateAll((all) => all.filter((title) => title.scrollWidth > title.clientWidth).length)).toBe(0);
  expect(await titles.filter({ hasText: `${HEBREW}.wav` }).evaluate((title) => getComputedStyle(title).direction)).toBe('rtl');
  const sizes = { wide: { width: 1280, height: 860 }, narrow: { width: 390, height: 844 } };
  for (const [size, viewport] of Object.entries(sizes)) {
    await page.setViewportSize(viewport);
    await page.waitForTimeout(300);
    await look(page, `names-train-${size}`);
  }

  await page.getByRole('button', { name: 'Use on Listen' }).click();
  await tonearm.classify(sound(`${HEBREW} 4.wav`, 9, false));
  for (const summary of await tonearm.track.getByText('as a table').all()) await summary.click();
  for (const [size, viewport] of Object.entries(sizes)) {
    await page.setViewportSize(viewport);
    await page.waitForTimeout(700);
    await look(page, `names-listen-${size}`);
  }
});
