import type { CDPSession } from '@playwright/test';
import { expect, test } from './support/tonearm.js';
import { tune, withTwoClasses } from './support/two-classes.js';

/** Gives an origin no more room than it uses. */
async function fillDisk(session: CDPSession, origin: string) {
  const { usage } = await session.send('Storage.getUsageAndQuota', { origin });
  await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: usage });
}

test('on a full disk what is kept stays, what to do is said, and doing it helps', async ({ tonearm, page, context }) => {
  const bench = await withTwoClasses(tonearm);
  await fillDisk(await context.newCDPSession(page), new URL(tonearm.server.url).origin);

  await bench.addTo(0, [tune], 5);
  await expect(bench.view.locator('.refused')).toContainText('no room left for this, so it was not saved. Delete a project or kept audio');
  await page.locator('train-panel').getByRole('button', { name: 'Train', exact: true }).click();
  await expect(bench.view.getByRole('alert')).toContainText('no room left');

  page.once('dialog', (dialog) => void dialog.accept());
  await bench.projects('Delete kept audio');
  await expect(page.getByRole('button', { name: 'Play Tune 0.wav' })).toHaveCount(0);
  await page.getByRole('button', { name: 'Dismiss' }).click();
  await bench.addTo(0, [tune], 6);
  await bench.train();

  await page.reload();
  await expect(bench.cards.nth(0)).toContainText('6 files');
  await expect(bench.cards.nth(1)).toContainText('5 files');
});
