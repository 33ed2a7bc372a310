import type { Locator, Page } from '@playwright/test';
import { fixture, wav } from '../support/audio.js';
import { expect, test } from '../support/pages/tonearm.js';
import { Workbench } from '../support/pages/workbench.js';

const tunes = [0, 1, 2, 3].map((i) => fixture(`Tune ${i}.wav`, wav({ seconds: 4 + i / 4, channels: 1 })));
const noises = [0, 1, 2, 3].map((i) => fixture(`Noise ${i}.wav`, wav({ seconds: 4 + i / 4, channels: 1, noise: true })));

/** Presses a key until the target has the focus. */
async function tabTo(page: Page, target: Locator, key = 'Tab') {
  for (let i = 0; i < 80; i++) {
    if (await isFocused(target)) return;
    await page.keyboard.press(key);
  }
  await expect(target, 'it cannot be reached by keyboard').toBeFocused();
}

function isFocused(target: Locator): Promise<boolean> {
  return target.evaluate((element) => (element.getRootNode() as Document | ShadowRoot).activeElement === element);
}

/** Tabs to the target and presses a key. */
async function press(page: Page, target: Locator, key = 'Enter') {
  await tabTo(page, target);
  await page.keyboard.press(key);
}

/** Adds files to a class with its button. */
async function add(page: Page, bench: Workbench, index: number, files: string[]) {
  const button = bench.cards.nth(index).getByRole('button', { name: 'Add files' });
  const chooser = page.waitForEvent('filechooser');
  await press(page, button);
  await (await chooser).setFiles(files);
  await expect(bench.cards.nth(index)).toContainText(`${files.length} files`, { timeout: 60_000 });
  await expect(button).toBeFocused();
}

async function rename(page: Page, bench: Workbench, index: number, name: string) {
  await tabTo(page, bench.cards.nth(index).getByLabel('Class name'));
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type(name);
  await page.keyboard.press('Enter');
}

test('a model can be trained, selected and used with the keyboard alone', async ({ tonearm, page }) => {
  const bench = new Workbench(tonearm);
  await tonearm.open();
  await press(page, page.getByRole('link', { name: 'Train' }));
  await press(page, page.getByRole('button', { name: 'Start with two classes' }));
  await expect(page.getByRole('region', { name: 'Classes' })).toBeFocused();
  await rename(page, bench, 0, 'Tune');
  await add(page, bench, 0, tunes);
  await rename(page, bench, 1, 'Noise');
  await add(page, bench, 1, noises);

  const panel = page.locator('train-panel');
  await press(page, panel.getByText('Settings', { exact: true }));
  for (const [name, value] of [['epochs', '10000'], ['batch', '2'], ['patience', '10000']] as const) {
    await tabTo(page, panel.locator(`input[name="${name}"]`));
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type(value);
  }
  await press(page, panel.getByRole('button', { name: 'Train', exact: true }));
  await expect(page.getByRole('button', { name: 'Pause' })).toBeFocused();
  await bench.reaches(2);
  await page.keyboard.press('Space');
  await expect(bench.view.getByText('Paused.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Resume' })).toBeFocused();
  await page.keyboard.press('Space');
  await bench.reaches((await bench.epoch()) + 1);
  await press(page, page.getByRole('button', { name: 'Stop and keep the best' }));
  await expect(page.getByRole('heading', { name: 'Results' })).toBeFocused({ timeout: 60_000 });

  // Train again with the same settings.
  await press(page, panel.getByRole('button', { name: 'Train', exact: true }), 'Enter');
  await expect(page.getByRole('button', { name: 'Pause' })).toBeFocused();
  await bench.reaches(1);
  await press(page, page.getByRole('button', { name: 'Stop and keep the best' }));
  await expect.poll(async () => (await bench.runs()).filter(({ status }) => status !== 'running').length, { timeout: 120_000 }).toBe(2);
  await bench.finishes();
  const [latest, first] = [0, 1].map((i) => page.locator('runs-table').getByRole('radio').nth(i));
  await expect(latest!).toBeChecked();
  await tabTo(page, latest!);
  await page.keyboard.press('ArrowDown');
  await expect(first!).toBeChecked();
  await expect(first!).toBeFocused();

  await tabTo(page, page.getByRole('button', { name: 'Use on Listen' }), 'Shift+Tab');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Drop songs here' })).toBeFocused();
  await expect(page.locator('listen-view')).toContainText('classified by “My classes”');
});

test('the focus moves to a neighbour of a removed element', async ({ tonearm, page }) => {
  const bench = new Workbench(tonearm);
  await bench.open();
  await bench.begin();
  await bench.addTo(0, tunes);
  await bench.addTo(1, [noises[0]!, fixture('Broken.mp3', 'no audio')], 1);
  const remove = (name: string) => page.getByRole('button', { name: `Remove ${name}` });

  await press(page, page.getByRole('button', { name: 'Dismiss' }));
  await expect(page.getByRole('button', { name: 'Add a class' })).toBeFocused();

  await tabTo(page, remove('Tune 1.wav'), 'Shift+Tab');
  await page.keyboard.press('Enter');
  await expect(remove('Tune 2.wav')).toBeFocused();
  await tabTo(page, remove('Tune 3.wav'));
  await page.keyboard.press('Enter');
  await expect(remove('Tune 2.wav')).toBeFocused();
  await tabTo(page, page.getByRole('button', { name: 'Undo' }), 'Shift+Tab');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('region', { name: 'Classes' })).toBeFocused();
  await press(page, remove('Noise 0.wav'));
  await expect(bench.cards.nth(1).getByRole('button', { name: 'Add files' })).toBeFocused();

  await tabTo(page, page.getByRole('button', { name: 'Remove the class Class 1' }), 'Shift+Tab');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Remove the class Class 2' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Add a class' })).toBeFocused();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await expect(bench.cards).toHaveCount(2);
});

test('an arrow key opens a list of moves without choosing one', async ({ tonearm, page }) => {
  const bench = new Workbench(tonearm);
  await bench.open();
  await bench.begin();
  await bench.addTo(0, tunes.slice(0, 2));
  await tabTo(page, bench.cards.nth(0).getByLabel('Move Tune 0.wav', { exact: true }));
  await page.keyboard.press('ArrowDown');
  await page.waitForTimeout(300);
  await expect(bench.cards.nth(0)).toContainText('2 files');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(bench.cards.nth(1)).toContainText('1 file');
  await expect(page.getByRole('button', { name: 'Remove Tune 1.wav' })).toBeFocused();
});
