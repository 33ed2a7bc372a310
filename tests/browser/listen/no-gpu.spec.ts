import { fixture, wav } from '../support/audio.js';
import { expect, test } from '../support/pages/tonearm.js';

test('where there is no adapter the CPU answers, and the answer says why', async ({ tonearm }) => {
  await tonearm.open('?backend=webgpu');
  const answer = await tonearm.classify(fixture('Tune.wav', wav({ seconds: 6 })));
  expect(answer.backend).toBe('cpu');
  expect(answer.fallback).toMatch(/no graphics card/);
  await expect(tonearm.track.locator('footer')).toContainText('no graphics card');
});

test('a browser without SIMD is told so', async ({ tonearm, page }) => {
  await page.addInitScript(() => {
    WebAssembly.validate = () => false;
  });
  await tonearm.open();
  await tonearm.choose(fixture('Tune.wav', wav({ seconds: 6 })));
  expect(await tonearm.trouble()).toMatch(/SIMD.*current Chrome/);
});
