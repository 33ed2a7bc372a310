import { test as base, expect } from '../../support/pages/tonearm.js';
import { Workbench } from '../../support/pages/workbench.js';

const test = base.extend({
  launchOptions: async ({ launchOptions }, use) =>
    use({
      ...launchOptions,
      // Muted audio is missing from the captured tab too.
      ignoreDefaultArgs: ['--mute-audio'],
      args: [...(launchOptions.args ?? []), '--auto-select-tab-capture-source-by-title=Sounding'],
    }),
});

test('the audio of a tab can be recorded', async ({ tonearm, page, context }) => {
  const sounding = await context.newPage();
  await sounding.goto('data:text/html,<title>Sounding</title>');
  await sounding.evaluate(() => {
    const context = new AudioContext();
    const tone = new OscillatorNode(context, { frequency: 440 });
    tone.connect(context.destination);
    tone.start();
  });
  await page.bringToFront();
  const bench = new Workbench(tonearm);
  await bench.open();
  await bench.begin();
  const card = bench.cards.nth(0);
  await card.getByRole('button', { name: /^Record for/ }).click();
  await card.getByRole('button', { name: 'Tab audio' }).click();
  await expect.poll(async () => Number(await card.getByRole('meter').getAttribute('aria-valuenow')), { timeout: 20_000 }).toBeGreaterThan(-12);
  await expect(card.getByRole('timer')).toHaveText('0:02', { timeout: 20_000 });
  await card.getByRole('button', { name: 'Stop' }).click();
  await expect(card).toContainText('1 file', { timeout: 20_000 });
});
