import { fixture, wav } from '../support/audio.js';
import { SIZES, look as lookAt } from '../support/pages/look.js';
import { expect, test } from '../support/pages/tonearm.js';

const song = fixture('A tune.wav', wav({ seconds: 40 }));
const noise = fixture('Noise.wav', wav({ seconds: 31, noise: true }));
const letter = fixture('Letter.mp3', 'Dear reader');

for (const [size, viewport] of Object.entries(SIZES)) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test(`every view is accessible and does not overflow: ${size}, ${colorScheme}`, async ({ tonearm, page }) => {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme });
      const look = (view: string) => lookAt(page, `${view}-${size}-${colorScheme}`);

      await tonearm.open();
      await look('empty');
      await page.getByText('Or classify a table').click();
      await expect(page.locator('echo-nest-table input[name="tempo"]')).toBeVisible();
      await look('table');
      await page.getByText('Or classify a table').click();
      await page.getByRole('button', { name: 'Try the built-in example' }).first().click();
      await tonearm.reaches('done');
      await page.waitForTimeout(700); // lets the transitions of bars and spectrogram end
      await look('answer');
      for (const summary of await tonearm.track.getByText('as a table').all()) await summary.click();
      await expect(tonearm.track.getByRole('table')).toHaveCount(4);
      await look('tables');
      await tonearm.classify(noise);
      await page.waitForTimeout(700);
      await look('doubt');
      await tonearm.choose(letter);
      await tonearm.trouble();
      await look('trouble');
      await page.getByRole('link', { name: 'About' }).click();
      await page.locator('model-card').scrollIntoViewIfNeeded();
      await expect(page.locator('model-card dt').first()).toBeVisible();
      await look('about');
      await page.locator('model-card select').selectOption('mlp-eleven');
      await expect(page.locator('model-card .confusion tbody tr')).toHaveCount(11);
      await look('card');
    });
  }

  test(`showing a result does not shift the layout: ${size}`, async ({ tonearm, page }) => {
    await page.setViewportSize(viewport);
    await tonearm.open();
    await tonearm.choose(song);
    await expect(tonearm.track.locator('progress')).toBeVisible();
    await page.evaluate(() => {
      const shifts: number[] = [];
      Object.assign(globalThis, { shifts });
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) shifts.push((entry as unknown as { value: number }).value);
      }).observe({ type: 'layout-shift' });
    });
    await tonearm.reaches('done');
    await page.waitForTimeout(1000);
    const shifts = await page.evaluate(() => (globalThis as unknown as { shifts: number[] }).shifts);
    expect(shifts.reduce((a, b) => a + b, 0)).toBeLessThan(0.01);
  });
}

/** File names that are longer than the list is wide: with spaces, without a place to break, and from right to left. */
const LONG_NAMES = ['Pink Floyd - Wish You Were Here.wav', `${'Unbroken'.repeat(12)}.wav`, `${'\u05e9\u05d9\u05e8 '.repeat(20)}.wav`];

for (const [size, viewport] of Object.entries(SIZES)) {
  test(`a long file name stays within the list, ${size}`, async ({ tonearm, page }) => {
    await page.setViewportSize(viewport);
    await tonearm.open();
    for (const name of LONG_NAMES) await tonearm.classify(fixture(name, wav({ seconds: 3 })));
    await lookAt(page, `long-names-${size}`);
    const aside = (await page.locator('listen-view aside').boundingBox())!;
    for (const row of await page.locator('track-list li').all()) {
      const box = (await row.boundingBox())!;
      expect(box.x + box.width).toBeLessThanOrEqual(aside.x + aside.width + 0.5);
    }
    await expect(page.locator('track-list .title').first()).toHaveAttribute('title', 'Pink Floyd - Wish You Were Here');
  });
}

test('the theme button switches the colours, and the choice survives a reload', async ({ tonearm, page }) => {
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.emulateMedia({ colorScheme: 'light' });
  await tonearm.open();
  const light = await paper();
  await page.getByRole('button', { name: 'Use dark colours' }).click();
  const dark = await paper();
  expect(dark).not.toBe(light);
  await page.reload();
  await expect.poll(paper).toBe(dark);
});

test('all controls can be used by keyboard', async ({ tonearm, page }) => {
  await tonearm.open();
  await page.getByRole('button', { name: 'Drop songs here' }).focus();
  const chooser = page.waitForEvent('filechooser');
  await page.keyboard.press('Enter');
  await (await chooser).setFiles(song);
  await tonearm.reaches('done');
  for (const target of [
    tonearm.track.getByRole('button', { name: 'Play' }),
    tonearm.track.getByRole('slider').first(),
    tonearm.track.getByRole('slider').last(),
    tonearm.track.getByRole('button', { name: 'Save timeline as CSV' }),
  ]) {
    await expect(async () => {
      await page.keyboard.press('Tab');
      await expect(target).toBeFocused({ timeout: 50 });
    }).toPass({ timeout: 10_000 });
  }
});
