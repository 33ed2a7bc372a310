import { test } from '@playwright/test';
import { clip } from './inference/clip.js';
import { firstVisit, memoryOf } from './inference/first-visit.js';
import { report } from './inference/report.js';
import { timeStages } from './inference/stages.js';
import { load } from './shared/machine.js';

/** Lengths of a typical and of a long clip, in seconds. */
const SECONDS = 180;
const LONG_SECONDS = 600;

test('inference in the browser', async ({ browser }) => {
  // Progress goes to standard error, so that standard output has only the report.
  const log = (message: string) => process.stderr.write(`  ${message}\n`);
  const before = load();
  const song = clip(SECONDS);
  const stages = await timeStages(browser, song, log);
  log('a first visit');
  const visit = await firstVisit(browser, song);
  log('a long track');
  const memory = await memoryOf(browser, clip(LONG_SECONDS));
  console.log(`\n${report({ browser: browser.version(), load: before, stages, visit, longSeconds: LONG_SECONDS, memory })}\n`);
});
