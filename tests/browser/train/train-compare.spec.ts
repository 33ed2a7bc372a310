import type { TrainResult } from 'tonearm/project';
import { fixture, wav } from '../support/audio.js';
import { SIZES, look } from '../support/pages/look.js';
import { expect, test } from '../support/pages/tonearm.js';
import { Workbench } from '../support/pages/workbench.js';

/** Two classes of noise that cannot be distinguished, so that predictions are random. */
const files = [0, 1].map((of) => [0, 1, 2, 3].map((i) => fixture(`Noise ${of}${i}.wav`, wav({ seconds: 4 + of / 8 + i / 4, channels: 1, noise: true }))));

test('two runs are compared side by side, with a warning if their scores are not comparable', async ({ tonearm, page }) => {
  test.setTimeout(300_000);
  const bench = new Workbench(tonearm);
  await bench.open();
  await bench.begin();
  await bench.addTo(0, files[0]!);
  await bench.addTo(1, files[1]!);
  const train = async (settings: Record<string, number>) => {
    await bench.start({ epochs: 20, ...settings });
    await bench.finishes();
  };
  await train({ folds: 4 });
  await train({ folds: 4, seed: 5 });
  const list = page.locator('run-list');
  await expect(list.getByRole('status')).toHaveText('Select two runs to compare them.');

  const boxes = list.getByRole('checkbox');
  await boxes.nth(1).focus();
  await page.keyboard.press('Space');
  await expect(list.getByRole('status')).toHaveText('Select one more run to compare.');
  await boxes.nth(0).check();
  const shown = list.locator('run-comparison');
  await expect(shown).toContainText('Both runs were tested on the same 8 files.');
  const table = (name: string) => shown.getByRole('table', { name });
  await expect(table('Settings that differ').getByRole('row')).toHaveText([/Setting\s*A\s*B/, /Seed\s*05/]);

  const [second, first] = (await bench.runs()).map(({ result }) => result!) as [TrainResult, TrainResult];
  const accuracy = ({ metrics }: TrainResult) => Math.round(metrics.top1 * 100);
  const row = table('Metrics').getByRole('row', { name: /^Accuracy/ });
  await expect(row).toContainText(`${accuracy(first)}\u00a0%`);
  await expect(row).toContainText(`${accuracy(second)}\u00a0%`);
  const f1 = [0, 1].map((place) => [first, second].map((result) => result.metrics.perClass[place]!.f1.toFixed(2)));
  await expect(table('F1 of each class').locator('tbody').getByRole('row')).toHaveText(f1.map(([a, b], i) => new RegExp(`Class ${i + 1}\\s*4\\s*${a}\\s*${b}`)));
  await expect(shown.locator('train-curve')).toHaveCount(2);

  const top = (result: TrainResult, file: number) => result.predictions.find((prediction) => prediction.file === file)!.probabilities[0]! > 0.5 ? 0 : 1;
  const apart = [0, 1, 2, 3, 4, 5, 6, 7].filter((file) => top(first, file) !== top(second, file));
  expect(apart.length, 'both runs happen to make the same predictions').toBeGreaterThan(0);
  const disagreements = shown.getByRole('listitem');
  await expect(disagreements).toHaveCount(apart.length);
  await expect(disagreements.first()).toContainText(/A\s.* confidence:\s*correct\s*B\s.* confidence:\s*wrong|A\s.* confidence:\s*wrong\s*B\s.* confidence:\s*correct/);
  const play = disagreements.first().getByRole('button');
  await play.click();
  await expect(play).toHaveText('Stop');

  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await look(page, `train-compared-${size}-${colorScheme}`);
    }
  }

  await train({ folds: 0 });
  await boxes.first().check();
  await expect(shown).toContainText('The runs were tested on different files: 2 in both, 6 only in A, 0 only in B.');
  await expect(table('Metrics').getByRole('row', { name: /^Accuracy/ }).getByRole('cell').last()).toHaveText('–');
});
