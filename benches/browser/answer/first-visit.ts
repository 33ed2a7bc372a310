import { readFileSync } from 'node:fs';
import path from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import type { Browser } from '@playwright/test';
import { SITE } from '../../../tests/browser/support/paths.js';
import { serveSite } from '../../../tests/browser/support/pages/server.js';
import { TonearmPage } from '../../../tests/browser/support/pages/tonearm.js';
import { median } from '../shared/median.js';
import { type Memory, MemoryWatch } from '../shared/watch.js';

/** Visits, each of a browser that knows nothing of the page. */
export const VISITS = 5;

/** What comes over the line, and when; medians. */
export interface FirstVisit {
  /** Bytes of each file in brotli, as a well-kept server sends them. */
  files: { path: string; bytes: number }[];
  /** Until the page can be used, from the navigation. */
  usableSeconds: number;
  /** Until the answer, from the choice of a file. */
  answerSeconds: number;
}

/** A page that nobody opened before, with a track that is answered on the CPU. */
export async function firstVisit(browser: Browser, clip: string): Promise<FirstVisit> {
  const visits: { requests: string[]; usable: number; answer: number }[] = [];
  for (let n = 0; n < VISITS; n++) visits.push(await visit(browser, (tonearm) => timed(tonearm, clip)));
  return {
    files: [...new Set(visits[0]!.requests)].map((path) => ({ path, bytes: brotli(path) })),
    usableSeconds: median(visits.map(({ usable }) => usable)) / 1000,
    answerSeconds: median(visits.map(({ answer }) => answer)) / 1000,
  };
}

/** One visit, by the page's own clock: ms. */
async function timed(tonearm: TonearmPage, clip: string) {
  const usable = await tonearm.page.evaluate(() => performance.now());
  const answer = tonearm.page.evaluate(async () => {
    const when = (event: string) => new Promise<number>((resolve) => addEventListener(event, () => resolve(performance.now()), { once: true, capture: true }));
    const [chosen, answered] = await Promise.all([when('input'), when('tonearm-prediction')]);
    return answered - chosen;
  });
  await tonearm.classify(clip);
  return { usable, answer: await answer, requests: [...tonearm.server.requests] };
}

/** The most that a track needs beside the page itself, in MB; undefined where it cannot be measured. */
export async function memoryOf(browser: Browser, clip: string): Promise<{ before: Memory; most: Memory } | undefined> {
  return visit(browser, async (tonearm) => {
    const watch = await MemoryWatch.on(tonearm.page);
    if (!watch) return undefined;
    const before = watch.now();
    watch.start();
    await tonearm.classify(clip);
    return { before, most: watch.stop() };
  });
}

async function visit<T>(browser: Browser, what: (tonearm: TonearmPage) => Promise<T>): Promise<T> {
  const server = await serveSite();
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 } });
  try {
    const tonearm = new TonearmPage(await context.newPage(), server);
    await tonearm.open('?backend=cpu');
    return await what(tonearm);
  } finally {
    await context.close();
    await server.close();
  }
}

function brotli(asked: string): number {
  const { pathname } = new URL(asked, 'http://x');
  const bytes = readFileSync(path.join(SITE, pathname.endsWith('/') ? `${pathname}index.html` : pathname));
  return brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }).length;
}
