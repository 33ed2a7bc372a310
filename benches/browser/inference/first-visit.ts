import { readFileSync } from 'node:fs';
import path from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import type { Browser } from '@playwright/test';
import { SITE } from '../../../tests/browser/support/paths.js';
import { serveSite } from '../../../tests/browser/support/pages/server.js';
import { TonearmPage } from '../../../tests/browser/support/pages/tonearm.js';
import { median } from '../shared/median.js';
import { type Memory, MemoryWatch } from '../shared/watch.js';

/** Number of visits, each with an empty cache. */
export const VISITS = 5;

/** Downloads and durations of a first visit. Durations are medians. */
export interface FirstVisit {
  /** Size of each file with the best brotli compression. */
  files: { path: string; bytes: number }[];
  /** From the navigation until the page is usable. */
  usableSeconds: number;
  /** From choosing a file until the prediction. */
  predictionSeconds: number;
}

/** Measures a first visit that classifies a track on the CPU. */
export async function firstVisit(browser: Browser, clip: string): Promise<FirstVisit> {
  const visits: { requests: string[]; usable: number; prediction: number }[] = [];
  for (let n = 0; n < VISITS; n++) visits.push(await visit(browser, (tonearm) => timed(tonearm, clip)));
  return {
    files: [...new Set(visits[0]!.requests)].map((path) => ({ path, bytes: brotli(path) })),
    usableSeconds: median(visits.map(({ usable }) => usable)) / 1000,
    predictionSeconds: median(visits.map(({ prediction }) => prediction)) / 1000,
  };
}

/** Measures one visit with the clock of the page, in milliseconds. */
async function timed(tonearm: TonearmPage, clip: string) {
  const usable = await tonearm.page.evaluate(() => performance.now());
  const prediction = tonearm.page.evaluate(async () => {
    const timeOf = (event: string) => new Promise<number>((resolve) => addEventListener(event, () => resolve(performance.now()), { once: true, capture: true }));
    const [chosen, predicted] = await Promise.all([timeOf('input'), timeOf('tonearm-prediction')]);
    return predicted - chosen;
  });
  await tonearm.classify(clip);
  return { usable, prediction: await prediction, requests: [...tonearm.server.requests] };
}

/** Memory of the page before a track and at its peak, in MB; undefined if it cannot be measured. */
export async function memoryOf(browser: Browser, clip: string): Promise<{ before: Memory; peak: Memory } | undefined> {
  return visit(browser, async (tonearm) => {
    const watch = await MemoryWatch.on(tonearm.page);
    if (!watch) return undefined;
    const before = watch.now();
    watch.start();
    await tonearm.classify(clip);
    return { before, peak: watch.stop() };
  });
}

async function visit<T>(browser: Browser, task: (tonearm: TonearmPage) => Promise<T>): Promise<T> {
  const server = await serveSite();
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 } });
  try {
    const tonearm = new TonearmPage(await context.newPage(), server);
    await tonearm.open('?backend=cpu');
    return await task(tonearm);
  } finally {
    await context.close();
    await server.close();
  }
}

function brotli(url: string): number {
  const { pathname } = new URL(url, 'http://x');
  const bytes = readFileSync(path.join(SITE, pathname.endsWith('/') ? `${pathname}index.html` : pathname));
  return brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }).length;
}
