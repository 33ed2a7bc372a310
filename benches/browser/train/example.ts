import type { Browser } from '@playwright/test';
import { CLIPS_PER_CLASS, EXAMPLE_CLASSES } from '../../../www/src/train/example/plan.js';
import { serveSite } from '../../../tests/browser/support/pages/server.js';
import { type TimedRun, openTrain, timeAdding, timeTraining } from './train-view.js';
import { type Span, longestTask } from '../shared/watch.js';

/** Validation accuracy that the run has to reach. */
export const GOAL = 0.95;

/** Measurements of the example project, from the click on its button to a trained classifier. */
export interface Example {
  adding: Span;
  training: TimedRun;
  longestWhileAdding: number;
  longestWhileTraining: number;
}

/** Creates the example project and trains on it with the default settings. */
export async function runExample(browser: Browser): Promise<Example> {
  const server = await serveSite();
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const bench = await openTrain(page, server);
    const n = EXAMPLE_CLASSES.length * (CLIPS_PER_CLASS.train + CLIPS_PER_CLASS.validation);
    const adding = await timeAdding(page, n, () => page.getByRole('button', { name: 'Try the example project' }).click());
    const training = await timeTraining(bench, GOAL);
    return {
      adding,
      training,
      longestWhileAdding: await longestTask(page, adding),
      longestWhileTraining: await longestTask(page, training),
    };
  } finally {
    await context.close();
    await server.close();
  }
}
