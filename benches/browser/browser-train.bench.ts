import { test } from '@playwright/test';
import { load } from './shared/machine.js';
import { runExample } from './train/example.js';
import { addManyFiles } from './train/many-files.js';
import { report } from './train/report.js';
import { compareSteps } from './train/steps.js';

test('training in the browser', async ({ browser }) => {
  // Apart from the report, which alone goes to the standard output.
  const says = (what: string) => process.stderr.write(`  ${what}\n`);
  const loads = { example: load(), steps: NaN, many: NaN };
  says('the example project');
  const example = await runExample(browser);
  loads.steps = load();
  const steps = await compareSteps(browser, says);
  loads.many = load();
  says('200 files');
  const many = await addManyFiles(browser);
  console.log(`\n${report(browser.version(), example, steps, many, loads)}\n`);
});
