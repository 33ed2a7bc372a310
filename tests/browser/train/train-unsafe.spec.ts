import { fixture, wav } from '../support/audio.js';
import { expect, test as base } from '../support/pages/tonearm.js';

/** A host name that resolves to this machine and that browsers do not treat as secure, unlike localhost. */
const HOST = 'tonearm.test';

const test = base.extend({
  launchOptions: async ({ launchOptions }, use) =>
    use({ ...launchOptions, args: [...(launchOptions.args ?? []), `--host-resolver-rules=MAP ${HOST} 127.0.0.1`] }),
});

test('without a secure context, Train shows a message and Listen works', async ({ tonearm, page, consoleErrors }) => {
  tonearm.server.url = tonearm.server.url.replace('127.0.0.1', HOST);
  await tonearm.open();
  expect(await page.evaluate(() => isSecureContext)).toBe(false);
  await page.getByRole('link', { name: 'Train' }).click();
  await expect(page.locator('train-view').getByRole('alert')).toContainText('served over https or from this computer');
  await expect(page.locator('train-view').getByRole('button')).toHaveCount(0);

  await page.getByRole('link', { name: 'Listen' }).click();
  const answer = await tonearm.classify(fixture('Tune.wav', wav({ seconds: 5 })));
  expect(answer.probabilities).toBeTruthy();
  expect(consoleErrors).toEqual([]);
});
