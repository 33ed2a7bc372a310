import type { Locator } from '@playwright/test';
import { fixture, wav } from '../support/audio.js';
import { expect, test } from '../support/pages/host-page.js';
import { look } from '../support/pages/look.js';

const song = fixture('A tune.wav', wav({ seconds: 30 }));
const BODY = `
  <tone-arm></tone-arm><tone-arm disabled></tone-arm><tone-arm src="A%20tune.wav"></tone-arm>
  <tone-arm id="done" src="A%20tune.wav" autorun network="cnn"></tone-arm>
  <tone-arm src="absent.wav" autorun></tone-arm>`;
const HEAD = '<style>body { margin: 8px; font-family: sans-serif } tone-arm { margin-block-end: 24px } [style*="dark"] body { background: #1a1816; color: #fff }</style>';

test('the element is accessible and does not overflow from 240 px up: light, dark and right-to-left', async ({ host, page }) => {
  host.offer('A%20tune.wav', song);
  await host.open(BODY, { head: HEAD });
  const done = page.locator('#done');
  await host.reaches('done', done);
  await host.reaches('failed', page.locator('tone-arm').last());
  for (const summary of await done.getByText('as a table').all()) await summary.click();
  for (const [name, attributes] of Object.entries({ light: {}, dark: { style: 'color-scheme: dark' }, rtl: { dir: 'rtl' } })) {
    await page.evaluate((attributes) => {
      const root = document.documentElement;
      root.removeAttribute('style');
      Object.entries(attributes).forEach(([attribute, value]) => root.setAttribute(attribute, value));
    }, attributes);
    for (const width of [240, 390, 1280]) {
      await page.setViewportSize({ width, height: 860 });
      await page.waitForTimeout(500); // lets the transitions of bars and charts end
      await look(page, `element-${width}-${name}`);
    }
  }

  // The page is right-to-left now, but time still runs from left to right.
  const cells = await done.locator('tone-arm-timeline rect.rest').evaluateAll((rects) => rects.map((rect) => rect.getBoundingClientRect().left));
  expect(cells).toEqual([...cells].sort((a, b) => a - b));
  const waveform = done.getByRole('slider', { name: 'Position in the song' });
  await waveform.press('ArrowRight');
  await expect(waveform).toHaveAttribute('aria-valuenow', '5');
  const [needle, stack] = [await done.locator('.needle').boundingBox(), await done.locator('.stack').boundingBox()];
  expect((needle!.x + 1 - stack!.x) / stack!.width).toBeCloseTo(5 / 30, 2);
  // The list of genres is right-to-left: names are to the right of their bars.
  const [name, bar] = [await done.locator('tone-arm-bars .name').first().boundingBox(), await done.locator('tone-arm-bars .track').first().boundingBox()];
  expect(name!.x).toBeGreaterThan(bar!.x);
});

/** Mean of red, green and blue over the spectrogram. */
const spectrogramColour = (arm: Locator) =>
  arm.locator('tone-arm-spectrogram canvas').evaluate((canvas: HTMLCanvasElement) => {
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    const channel = (first: number) => data.filter((_, i) => i % 4 === first).reduce((sum, value) => sum + value, 0) / (data.length / 4);
    return { red: channel(0), green: channel(1), blue: channel(2) };
  });

const brightness = async (arm: Locator) => {
  const { red, green, blue } = await spectrogramColour(arm);
  return (red + green + blue + 255) / 4;
};

test('the spectrogram and its description follow the color-scheme of the page and the theme attribute', async ({ host, page }) => {
  host.offer('A%20tune.wav', song);
  await host.open('<tone-arm src="A%20tune.wav" network="cnn" autorun></tone-arm>');
  await host.reaches('done');
  await expect.poll(() => brightness(host.arm)).toBeGreaterThan(150);
  await expect(host.arm.getByRole('img', { name: 'the louder, the darker' })).toBeVisible();
  await page.evaluate(() => document.documentElement.style.setProperty('color-scheme', 'dark'));
  await expect.poll(() => brightness(host.arm)).toBeLessThan(140);
  await expect(host.arm.getByRole('img', { name: 'the louder, the brighter' })).toBeVisible();
  await host.arm.evaluate((arm) => arm.setAttribute('theme', 'light'));
  await expect.poll(() => brightness(host.arm)).toBeGreaterThan(150);
});

test('the accent colour of the page is also that of the spectrogram', async ({ host, page }) => {
  host.offer('A%20tune.wav', song);
  await host.open('<tone-arm src="A%20tune.wav" network="cnn" autorun></tone-arm>', { head: '<style>tone-arm { --tonearm-accent: oklch(0.45 0.2 260) }</style>' });
  await host.reaches('done');
  await expect.poll(async () => (({ red, blue }) => blue - red)(await spectrogramColour(host.arm))).toBeGreaterThan(10);
  await look(page, 'element-blue-accent');
});

test('the element is readable on a dark page that sets no color-scheme, and follows when its colours change', async ({ host, page }) => {
  host.offer('A%20tune.wav', song);
  const dark = (rule: string) => `<style>body { ${rule} }</style>`;
  await host.open('<tone-arm src="A%20tune.wav" network="cnn" autorun></tone-arm>', { head: dark('background: #101014; color: #e8e8ee') });
  await host.reaches('done');
  await page.waitForTimeout(700); // lets the transitions of bars and charts end
  // axe checks the contrast of all texts.
  await look(page, 'element-dark-without-color-scheme');
  expect(await brightness(host.arm)).toBeLessThan(140);
  // Even where the page turns all transitions off.
  await page.addStyleTag({ content: '* { transition: none !important } body { background: #fff; color: oklch(0.3 0.05 260) }' });
  await expect.poll(() => brightness(host.arm)).toBeGreaterThan(150);
  await look(page, 'element-light-again');
});
