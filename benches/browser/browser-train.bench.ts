import { test } from '@playwright/test';
import { load } from './shared/machine.js';
import { runExample } from './train/example.js';
import { addManyFiles } from './train/many-files.js';
import { report } from './train/report.js';
import { compareSteps } from './train/steps.js';

test('training in the browser', async ({ browser }) => {
  // Progress goes to standard error, so that standard output has only the report.
  const log = (message: string) => process.stderr.write(`  ${message}\n`);
  const loads = { example: load(), steps: NaN, many: NaN };
  log('the example project');
  const example = await runExample(browser);
  loads.steps = load();
  const steps = await compareSteps(browser, log);
  loads.many = load();
  log('200 files');
  const many = await addManyFiles(browser);
  console.log(`\n${report(browser.version(), example, steps, many, loads)}\n`);
});
