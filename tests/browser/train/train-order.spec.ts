import type { Locator } from '@playwright/test';
import { fixture, wav } from '../support/audio.js';
import { expect, test } from '../support/pages/tonearm.js';
import { Workbench } from '../support/pages/workbench.js';

const tunes = [0, 1, 2].map((i) => fixture(`Tune ${i}.wav`, wav({ seconds: 4 + i / 4, channels: 1 })));
const noises = [0, 1].map((i) => fixture(`Noise ${i}.wav`, wav({ seconds: 4 + i / 4, channels: 1, noise: true })));

/** Names of a card's examples, in display order. */
const examples = (card: Locator) => card.locator('.title').evaluateAll((titles) => titles.map((title) => title.getAttribute('title')));

/** Names of the classes, in display order. */
const classes = (bench: Workbench) => bench.cards.locator('input.name').evaluateAll((inputs) => inputs.map((input) => (input as HTMLInputElement).value));

async function withTwoClasses(tonearm: ConstructorParameters<typeof Workbench>[0]): Promise<Workbench> {
  const bench = new Workbench(tonearm);
  await bench.open();
  await bench.begin();
  await bench.name(0, 'Tune');
  await bench.name(1, 'Noise');
  await bench.addTo(0, tunes);
  await bench.addTo(1, noises);
  return bench;
}

test('moving an example is announced, stored and can be undone', async ({ tonearm, page }) => {
  const bench = await withTwoClasses(tonearm);
  const card = bench.cards.nth(0);
  const list = card.getByLabel('Move Tune 2.wav', { exact: true });
  await list.focus();
  await list.selectOption('Up');
  await expect(bench.view.getByRole('status').getByText('Tune 2.wav is now number 2 of 3.')).toBeVisible();
  expect(await examples(card)).toEqual(['Tune 0.wav', 'Tune 2.wav', 'Tune 1.wav']);
  await expect(list).toBeFocused();
  await list.selectOption('Up');
  await expect(list).toBeFocused();
  await card.getByLabel('Move Tune 0.wav', { exact: true }).selectOption('Down');
  await expect.poll(() => examples(card)).toEqual(['Tune 2.wav', 'Tune 1.wav', 'Tune 0.wav']);

  await page.reload();
  await expect.poll(() => examples(card)).toEqual(['Tune 2.wav', 'Tune 1.wav', 'Tune 0.wav']);
  expect(await examples(bench.cards.nth(1))).toEqual(['Noise 0.wav', 'Noise 1.wav']);
  await card.getByLabel('Move Tune 2.wav', { exact: true }).selectOption('To the end');
  await expect.poll(() => examples(card)).toEqual(['Tune 1.wav', 'Tune 0.wav', 'Tune 2.wav']);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect.poll(() => examples(card)).toEqual(['Tune 2.wav', 'Tune 1.wav', 'Tune 0.wav']);
});

test('examples can be dragged to another position and to another class', async ({ tonearm }) => {
  const bench = await withTwoClasses(tonearm);
  const [tune, noise] = [bench.cards.nth(0), bench.cards.nth(1)];
  const row = (card: Locator, name: string) => card.getByRole('listitem').filter({ hasText: name });
  await row(tune, 'Tune 0').dragTo(row(tune, 'Tune 2'), { targetPosition: { x: 60, y: 30 } });
  await expect.poll(() => examples(tune)).toEqual(['Tune 1.wav', 'Tune 2.wav', 'Tune 0.wav']);
  await row(tune, 'Tune 0').dragTo(row(tune, 'Tune 2'), { targetPosition: { x: 60, y: 2 } });
  await expect.poll(() => examples(tune)).toEqual(['Tune 1.wav', 'Tune 0.wav', 'Tune 2.wav']);
  await row(tune, 'Tune 1').dragTo(row(noise, 'Noise 0'));
  await expect.poll(() => examples(tune)).toEqual(['Tune 0.wav', 'Tune 2.wav']);
  expect((await examples(noise)).sort()).toEqual(['Noise 0.wav', 'Noise 1.wav', 'Tune 1.wav']);
});

test('classes can be reordered, and a run keeps the order of its training', async ({ tonearm, page }) => {
  const bench = await withTwoClasses(tonearm);
  await bench.train();
  const report = page.locator('run-report');
  const confusion = () => report.locator('confusion-table').locator('tbody').innerText();
  const before = await confusion();
  expect(before).toMatch(/^Tune/);

  const list = bench.cards.nth(0).getByLabel('Move the class Tune', { exact: true });
  await list.focus();
  await list.selectOption('Later');
  await expect(bench.view.getByText('Tune is now number 2 of 2.')).toBeVisible();
  expect(await classes(bench)).toEqual(['Noise', 'Tune']);
  await expect(bench.cards.nth(1).getByLabel('Move the class Tune', { exact: true })).toBeFocused();
  expect(await confusion()).toBe(before);
  await page.reload();
  await expect.poll(() => classes(bench)).toEqual(['Noise', 'Tune']);
  expect(await confusion()).toBe(before);

  await bench.train();
  expect(await confusion()).toMatch(/^Noise/);
  const [second, first] = await bench.runs();
  expect([second, first].map((run) => run!.result!.metrics.perClass.map(({ label }) => label))).toEqual([['Noise', 'Tune'], ['Tune', 'Noise']]);

  await bench.cards.nth(1).locator('.handle').dragTo(bench.cards.nth(0));
  await expect.poll(() => classes(bench)).toEqual(['Tune', 'Noise']);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect.poll(() => classes(bench)).toEqual(['Noise', 'Tune']);
});
