import { test } from '@playwright/test';
import { runExample } from './example.js';
import { addManyFiles } from './many-files.js';
import { load, report } from './report.js';
import { compareSteps } from './steps.js';

test('training in the browser', async ({ browser }) => {
  const loads = { example: load(), steps: NaN, many: NaN };
  const example = await runExample(browser);
  loads.steps = load();
  const steps = await compareSteps(browser);
  loads.many = load();
  const many = await addManyFiles(browser);
  console.log(`\n${report(browser.version(), example, steps, many, loads)}\n`);
});
