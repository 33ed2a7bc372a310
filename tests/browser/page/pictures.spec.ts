/**
 * Takes the screenshots in the README: `npm run pictures --workspace tests/browser` writes them to `docs/`. They show
 * recordings of artists that are in no training set, from `../shared`.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fixture, wav } from '../support/audio.js';
import { test as withHost } from '../support/pages/host-page.js';
import { ROOT } from '../support/paths.js';
import { expect, test } from '../support/pages/tonearm.js';
import { Workbench } from '../support/pages/workbench.js';

/** "Let's Go Fishin'" by Karissa Hobbs, CC BY 3.0. */
const TRACK = path.resolve(ROOT, '../shared/data/audio-more/Karissa_Hobbs_-_Lets_Go_Fishin.hq.ogg');

/** One size for all three, since the README shows them side by side. */
const SIZE = { width: 1280, height: 1000 };

const picture = (name: string) => path.join(ROOT, `docs/${name}.png`);

test.skip(!existsSync(TRACK), 'the shared data are missing');
test.use({ viewport: SIZE, colorScheme: 'light' });
withHost.use({ viewport: SIZE, colorScheme: 'light' });

test('Listen', async ({ tonearm, page }) => {
  await tonearm.open();
  await tonearm.classify(TRACK);
  await page.waitForTimeout(1000); // lets the transitions of bars and spectrogram end
  await page.screenshot({ path: picture('listen') });
});

test('Train', async ({ tonearm, page }) => {
  const sounds = (name: string, noise: boolean) => [0, 1, 2, 3, 4].map((i) => fixture(`${name} ${i + 1}.wav`, wav({ seconds: 4 + i / 4, channels: 1, noise })));
  const bench = new Workbench(tonearm);
  await bench.open();
  await bench.begin();
  await bench.name(0, 'Melody');
  await bench.name(1, 'Noise');
  await bench.addTo(0, sounds('Melody', false));
  await bench.addTo(1, sounds('Noise', true));
  await bench.train();
  await page.waitForTimeout(500);
  await page.screenshot({ path: picture('train') });
});

withHost('Embed', async ({ host }) => {
  host.offer('song.ogg', TRACK);
  await host.open('<p>Listen to “Let’s Go Fishin’” by Karissa Hobbs:</p><tone-arm src="song.ogg" autorun></tone-arm>');
  await host.reaches('done');
  await host.page.waitForTimeout(1000);
  await host.page.screenshot({ path: picture('embed') });
  expect(existsSync(picture('embed'))).toBe(true);
});
