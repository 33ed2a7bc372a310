import type { Browser } from '@playwright/test';
import { fixture, mp3 } from '../../../tests/browser/support/audio.js';
import { serveSite } from '../../../tests/browser/support/pages/server.js';
import { openTrain, timeAdding, timeTraining } from './train-view.js';
import { type Memory, MemoryWatch, type Span, longestTask } from '../shared/watch.js';

export const N_FILES = 200;

/** Length of each file, in seconds. */
export const FILE_SECONDS = 30;

/** Measurements of a phase. */
export interface Phase {
  span: Span;
  /** In milliseconds. */
  longestTask: number;
  /** Peak memory; undefined if it cannot be measured. */
  memory: Memory | undefined;
}

export interface ManyFiles {
  /** Memory of the page before files are added. */
  before: Memory | undefined;
  adding: Phase;
  training: Phase;
}

/** Adds 200 files of 30 s to a project and trains on them with the default settings. */
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
      for (const [index, classFiles] of files.entries()) await bench.cards.nth(index).locator('input.files').setInputFiles(classFiles);
    });
    const peakAdding = watch?.stop();
    watch?.start();
    const training = await timeTraining(bench, 1);
    const peakTraining = watch?.stop();
    return {
      before,
      adding: { span: adding, longestTask: await longestTask(page, adding), memory: peakAdding },
      training: { span: training, longestTask: await longestTask(page, training), memory: peakTraining },
    };
  } finally {
    await context.close();
    await server.close();
  }
}

/** Writes the files of a class: the same mp3 with different titles, since the page rejects duplicates. */
function makeFiles(name: string, noise: boolean): string[] {
  const sound = mp3({ seconds: FILE_SECONDS, noise });
  return Array.from({ length: N_FILES / 2 }, (_, index) => fixture(`${name} ${index}.mp3`, Buffer.concat([sound, title(`${name} ${index}`)])));
}

/** An ID3v1 tag with a title, for the end of an mp3 file. */
function title(text: string): Buffer {
  const tag = Buffer.alloc(128);
  tag.write('TAG', 0, 'latin1');
  tag.write(text.slice(0, 30), 3, 'latin1');
  return tag;
}
