import { expect, test } from '../../support/pages/tonearm.js';
import { noises, tunes } from '../../support/two-classes.js';
import { Workbench } from '../../support/pages/workbench.js';

/** Bytes that the browser gives the page: enough for the files of one class and some of the other's. */
const QUOTA = 4_000_000;

test('on a full disk what is kept stays, what to do is said, and doing it helps', async ({ tonearm, page }) => {
  await tonearm.open();
  const session = await page.context().newCDPSession(page);
  await session.send('Storage.overrideQuotaForOrigin', { origin: new URL(tonearm.server.url).origin, quotaSize: QUOTA });
  const bench = new Workbench(tonearm);
  await bench.open();
  await bench.begin();
  await bench.addTo(0, tunes);
  await bench.cards.nth(1).locator('input.files').setInputFiles(noises);
  const refused = bench.view.locator('.refused');
  await expect(refused).toContainText(/Noise 4.*no room left for this, so it was not saved. Delete a project or kept audio/, { timeout: 60_000 });
  await expect(bench.cards.nth(0)).toContainText('5 files');

  page.once('dialog', (dialog) => void dialog.accept());
  await bench.projects('Delete kept audio');
  await expect(page.getByRole('button', { name: 'Play Tune 0.wav' })).toHaveCount(0);
  await page.getByRole('button', { name: 'Dismiss' }).click();
  await bench.addTo(1, noises, 5);
  await bench.train();

  await page.reload();
  await expect(bench.cards.nth(0)).toContainText('5 files');
  await expect(bench.cards.nth(1)).toContainText('5 files');
  await expect(page.locator('class-scores')).toContainText('100');
});
