import { expect, test as base } from '../../support/pages/tonearm.js';
import { Workbench } from '../../support/pages/workbench.js';

/** A microphone that there is, and a visitor who always says no. */
const FAKES = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream=deny'];

const test = base.extend({
  launchOptions: async ({ launchOptions }, use) => use({ ...launchOptions, args: [...(launchOptions.args ?? []), ...FAKES] }),
});

test('a microphone that is refused is said with what to do, and is asked for again', async ({ tonearm, page }) => {
  const bench = new Workbench(tonearm);
  await bench.open();
  await bench.begin();
  const card = bench.cards.nth(0);
  await card.getByRole('button', { name: /^Record for/ }).click();
  await card.getByRole('button', { name: 'Microphone' }).click();
  await expect(card.getByRole('alert')).toContainText('Allow it beside the address');
  await expect(card.getByRole('button', { name: 'Microphone' })).toBeEnabled();
  await expect(page.locator('record-panel')).toHaveCount(1);
});
