import { test } from '@playwright/test';
import { clip } from './answer/clip.js';
import { firstVisit, memoryOf } from './answer/first-visit.js';
import { report } from './answer/report.js';
import { timeStages } from './answer/stages.js';
import { load } from './shared/machine.js';

/** Lengths of the clips, in seconds: that of a song, and of a long one. */
const SECONDS = 180;
const LONG_SECONDS = 600;

test('answering in the browser', async ({ browser }) => {
  // Apart from the report, which alone goes to the standard output.
  const says = (what: string) => process.stderr.write(`  ${what}\n`);
  const before = load();
  const song = clip(SECONDS);
  const stages = await timeStages(browser, song, says);
  says('a first visit');
  const visit = await firstVisit(browser, song);
  says('a long track');
  const memory = await memoryOf(browser, clip(LONG_SECONDS));
  console.log(`\n${report({ browser: browser.version(), load: before, stages, visit, longSeconds: LONG_SECONDS, memory })}\n`);
});
