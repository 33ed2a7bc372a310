import type { Page } from '@playwright/test';
import { fixture, wav } from '../support/audio.js';
import { test as onHost } from '../support/pages/host-page.js';
import { expect, test } from '../support/pages/tonearm.js';
import { expectPseudoLocale, usePseudoLocale } from '../support/texts/pseudo-locale.js';

/** Names of genres, which weights contain. */
const GENRES = ['Electronic', 'Experimental', 'Folk', 'Hip-Hop', 'Instrumental', 'International', 'Pop', 'Rock'];

/** Names of files. Longer ones are shown in two parts. */
const FILES = ['First', 'Broken', 'A1.wav', 'A2.wav', 'B1.wav', 'B2.wav'];

const song = () => fixture('First.wav', wav({ seconds: 6 }));

test.describe.configure({ timeout: 240_000 });
test.beforeEach(({ page }) => usePseudoLocale(page));

/** Opens all `<details>`, with those in shadow roots. */
async function openDetails(page: Page) {
  await page.locator('details').evaluateAll((all: HTMLDetailsElement[]) => all.forEach((each) => (each.open = true)));
}

test('every text of Listen is in the catalogue, and fits when it is longer', async ({ tonearm, page }) => {
  await page.goto(tonearm.server.url);
  await expect(page.locator('drop-target input')).toBeAttached();
  await expectPseudoLocale(page, 'empty');

  await tonearm.choose(song());
  await tonearm.reaches('done');
  await openDetails(page);
  await expectPseudoLocale(page, 'result', [...FILES, ...GENRES]);

  await tonearm.choose(fixture('Broken.mp3', 'no audio'));
  await page.locator('track-list button').filter({ hasText: 'Broken' }).click();
  await tonearm.reaches('failed');
  await expectPseudoLocale(page, 'error', [...FILES, ...GENRES]);
});

test('every text of About is in the catalogue, and fits when it is longer', async ({ tonearm, page }) => {
  await page.goto(`${tonearm.server.url}#about`);
  // The weights are loaded once the card is in view.
  await page.locator('model-card').scrollIntoViewIfNeeded();
  await expect(page.locator('model-card table').first()).toBeVisible({ timeout: 60_000 });
  await expectPseudoLocale(page, 'About', await stringsOf(page, 'model-card', 'metadata'));
});

test('every text of Train is in the catalogue, and fits when it is longer', async ({ tonearm, page }) => {
  await page.goto(`${tonearm.server.url}#train`);
  await page.locator('button.begin').click({ trial: true });
  await expectPseudoLocale(page, 'welcome');

  await page.locator('button.begin').click();
  const cards = page.locator('class-card');
  await expect(cards).toHaveCount(2);
  for (const [index, files] of [['A1', 'A2'], ['B1', 'B2']].entries()) {
    const sounds = files.map((name, n) => fixture(`${name}.wav`, wav({ seconds: 4 + n, noise: index === 1 })));
    await cards.nth(index).locator('input.files').setInputFiles(sounds);
    await expect(cards.nth(index).locator('example-list li')).toHaveCount(2, { timeout: 60_000 });
  }
  await openDetails(page);
  await expectPseudoLocale(page, 'classes', FILES);

  await page.locator('train-panel button.main').click();
  await expect(page.locator('run-report')).toBeVisible({ timeout: 120_000 });
  await openDetails(page);
  await expectPseudoLocale(page, 'results', FILES);
});

test('every text of the page in an iframe is in the catalogue, and fits when it is longer', async ({ tonearm, page }) => {
  await page.goto(`${tonearm.server.url}embed.html`);
  await expect(page.locator('tone-arm .picker')).toBeVisible();
  await expectPseudoLocale(page, 'embedded', ['Tonearm']);
  await page.goto(`${tonearm.server.url}embed.html?src=ftp://example.org/song.mp3`);
  await expect(page.getByRole('alert')).toBeVisible();
  await expectPseudoLocale(page, 'embedded with a wrong address', ['Tonearm', 'src']);
});

onHost('every text of the element is in the catalogue, and fits when it is longer', async ({ host, page }) => {
  await usePseudoLocale(page);
  await host.open('<tone-arm></tone-arm>');
  host.offer('song.wav', song());
  await host.arm.evaluate((arm) => Object.assign(arm, { src: 'song.wav' }));
  await expectPseudoLocale(page, 'element with an address', ['A page', 'song']);
  await host.arm.locator('button').first().click();
  await host.reaches('done');
  await openDetails(page);
  await expectPseudoLocale(page, 'element with a result', ['A page', 'song', ...GENRES]);
});

/** All strings in a property of an element. */
function stringsOf(page: Page, selector: string, property: string): Promise<string[]> {
  return page.locator(selector).evaluate((element, property) => {
    const strings = (value: unknown): string[] => {
      if (typeof value === 'string') return [value];
      return typeof value === 'object' && value !== null ? Object.values(value).flatMap(strings) : [];
    };
    return strings((element as unknown as Record<string, unknown>)[property]);
  }, property);
}
