import path from 'node:path';
import type { Download } from '@playwright/test';
import { fixture, wav } from './audio.js';
import type { TonearmPage } from './pages/tonearm.js';
import { Workbench } from './pages/workbench.js';

/** Files of two classes. Their lengths differ, since the page rejects duplicates. */
export const tunes = [0, 1, 2, 3, 4].map((i) => fixture(`Tune ${i}.wav`, wav({ seconds: 4 + i / 4, channels: 1 })));
export const noises = [0, 1, 2, 3, 4].map((i) => fixture(`Noise ${i}.wav`, wav({ seconds: 4 + i / 4, channels: 1, noise: true })));

/** Another file of the first class. */
export const tune = fixture('Another tune.wav', wav({ seconds: 7, channels: 1 }));

/** Opens Train and adds the two classes. `search` is the query string of the page. */
export async function withTwoClasses(tonearm: TonearmPage, search = ''): Promise<Workbench> {
  await tonearm.open(search);
  const bench = new Workbench(tonearm);
  await bench.open();
  await bench.begin();
  await bench.addTo(0, tunes);
  await bench.addTo(1, noises);
  return bench;
}

/** Saves a download and returns its path. */
export async function saved(download: Promise<Download>, name: string): Promise<string> {
  const file = path.join(path.dirname(tunes[0]!), name);
  await (await download).saveAs(file);
  return file;
}
