import { expect, test } from '../../support/pages/tonearm.js';
import { noises, tunes } from '../../support/two-classes.js';
import { Workbench } from '../../support/pages/workbench.js';

/** Storage quota in bytes, enough for the files of one class and some of the other's. */
const QUOTA = 4_000_000;

test('when storage is full, stored files stay, and deleting audio as advised frees enough space', async ({ tonearm, page }) => {
  await tonearm.open();
  const session = await page.context().newCDPSession(page);
  await session.send('Storage.overrideQuotaForOrigin', { origin: new URL(tonearm.server.url).origin, quotaSize: QUOTA });
  const bench = new Workbench(tonearm);
  await bench.open();
  await bench.begin();
  await bench.addTo(0, tunes);
  await bench.cards.nth(1).locator('input.files').setInputFiles(noises);
  const failed = bench.view.locator('.failed-files');
  await expect(failed).toContainText(/Noise 4.*not enough storage space, so this was not saved. Delete a project or stored audio/, { timeout: 60_000 });
  await expect(bench.cards.nth(0)).toContainText('5 files');

  page.once('dialog', (dialog) => void dialog.accept());
  await bench.projects('Delete stored audio');
  await expect(page.getByRole('button', { name: 'Play Tune 0.wav' })).toHaveCount(0);
  await page.getByRole('button', { name: 'Dismiss' }).click();
  await bench.addTo(1, noises, 5);
  await bench.train();

  await page.reload();
  await expect(bench.cards.nth(0)).toContainText('5 files');
  await expect(bench.cards.nth(1)).toContainText('5 files');
  await expect(page.locator('class-scores')).toContainText('100');
});
