import type { Browser } from '@playwright/test';
import { fixture, mp3 } from '../../../tests/browser/support/audio.js';
import { serveSite } from '../../../tests/browser/support/pages/server.js';
import { openTrain, timeAdding, timeTraining } from './train-view.js';
import { type Memory, MemoryWatch, type Span, longestTask } from '../shared/watch.js';

export const N_FILES = 200;

/** Length of each, in seconds. */
export const FILE_SECONDS = 30;

/** A stretch of the run with what was watched. */
export interface Stretch {
  span: Span;
  /** In ms. */
  longestTask: number;
  /** The most of it; undefined where it cannot be measured. */
  memory: Memory | undefined;
}

export interface ManyFiles {
  /** Of the opened page, before anything is added. */
  before: Memory | undefined;
  adding: Stretch;
  training: Stretch;
}

/** Adds 200 files of 30 s to a project and trains on them with the defaults. */
export async function addManyFiles(browser: Browser): Promise<ManyFiles> {
  const files = [makeFiles('Tune', false), makeFiles('Noise', true)];
  const server = await serveSite();
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const bench = await openTrain(page, server);
    await bench.begin();
    const watch = await MemoryWatch.on(page);
    const before = watch?.now();
    watch?.start();
    const adding = await timeAdding(page, N_FILES, async () => {
      for (const [index, own] of files.entries()) await bench.cards.nth(index).locator('input.files').setInputFiles(own);
    });
    const mostAdding = watch?.stop();
    watch?.start();
    const training = await timeTraining(bench, 1);
    const mostTraining = watch?.stop();
    return {
      before,
      adding: { span: adding, longestTask: await longestTask(page, adding), memory: mostAdding },
      training: { span: training, longestTask: await longestTask(page, training), memory: mostTraining },
    };
  } finally {
    await context.close();
    await server.close();
  }
}

/** Half of the files: one sound as mp3, and each with a title of its own, so that no two have the same bytes. */
function makeFiles(name: string, noise: boolean): string[] {
  const sound = mp3({ seconds: FILE_SECONDS, noise });
  return Array.from({ length: N_FILES / 2 }, (_, index) => fixture(`${name} ${index}.mp3`, Buffer.concat([sound, title(`${name} ${index}`)])));
}

/** A title at the end of an mp3 file: ID3v1, 128 bytes. */
function title(text: string): Buffer {
  const tag = Buffer.alloc(128);
  tag.write('TAG', 0, 'latin1');
  tag.write(text.slice(0, 30), 3, 'latin1');
  return tag;
}
