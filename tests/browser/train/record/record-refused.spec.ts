import { expect, test as base } from '../../support/pages/tonearm.js';
import { Workbench } from '../../support/pages/workbench.js';

/** A fake microphone, and a user who always denies permission. */
const FAKES = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream=deny'];

const test = base.extend({
  launchOptions: async ({ launchOptions }, use) => use({ ...launchOptions, args: [...(launchOptions.args ?? []), ...FAKES] }),
});

test('without permission for the microphone, the page says what to do and lets the user try again', async ({ tonearm, page }) => {
  const bench = new Workbench(tonearm);
  await bench.open();
  await bench.begin();
  const card = bench.cards.nth(0);
  await card.getByRole('button', { name: /^Record for/ }).click();
  await card.getByRole('button', { name: 'Microphone' }).click();
  await expect(card.getByRole('alert')).toContainText('Allow it in the address bar');
  await expect(card.getByRole('button', { name: 'Microphone' })).toBeEnabled();
  await expect(page.locator('record-panel')).toHaveCount(1);
});
