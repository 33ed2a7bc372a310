import { fixture, wav } from '../support/audio.js';
import { SIZES, look as lookAt } from '../support/pages/look.js';
import { expect, test } from '../support/pages/tonearm.js';
import { Workbench } from '../support/pages/workbench.js';

const tunes = [0, 1, 2, 3, 4].map((i) => fixture(`Tune ${i}.wav`, wav({ seconds: 4 + i / 4, channels: 1 })));
const noises = [0, 1, 2, 3, 4].map((i) => fixture(`Noise ${i}.wav`, wav({ seconds: 4 + i / 4, channels: 1, noise: true })));

for (const [size, viewport] of Object.entries(SIZES)) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test(`the Train view fits the screen and is accessible, ${size} and ${colorScheme}`, async ({ tonearm, page }) => {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme });
      const look = (view: string) => lookAt(page, `train-${view}-${size}-${colorScheme}`);
      const bench = new Workbench(tonearm);

      await bench.open();
      await look('welcome');
      await bench.begin();
      await look('begun');
      await bench.addTo(0, tunes);
      await bench.addTo(1, noises);
      await look('classes');
      await bench.view.getByText('Projects', { exact: true }).click();
      await page.getByRole('button', { name: 'Record for Class 1' }).click();
      await look('open');
      await bench.view.getByText('Projects', { exact: true }).click();
      await bench.start({ epochs: 10_000, patience: 10_000, batch: 2 });
      await bench.reaches(12);
      await page.getByRole('button', { name: 'Pause' }).click();
      await expect(bench.view.getByText('Paused.')).toBeVisible();
      await look('training');
      await page.getByRole('button', { name: 'Stop and keep the best' }).click();
      await bench.finishes();
      for (const summary of await bench.view.getByText('as a table').all()) await summary.click();
      for (const picture of ['Loss', 'Window accuracy', 'Reliability diagram', 'Map of the files']) {
        await expect(bench.view.getByRole('table', { name: picture }).getByRole('row').nth(1)).toBeVisible();
      }
      await look('result');
    });
  }
}
