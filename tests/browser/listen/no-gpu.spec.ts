import { fixture, wav } from '../support/audio.js';
import { expect, test } from '../support/pages/tonearm.js';

test('without a GPU adapter the CPU is used, and the page says why', async ({ tonearm }) => {
  await tonearm.open('?backend=webgpu');
  const answer = await tonearm.classify(fixture('Tune.wav', wav({ seconds: 6 })));
  expect(answer.backend).toBe('cpu');
  expect(answer.fallback?.code).toBe('gpu-absent');
  await expect(tonearm.track.locator('footer')).toContainText('No GPU available');
});

test('a browser without SIMD gets a message', async ({ tonearm, page }) => {
  await page.addInitScript(() => {
    WebAssembly.validate = () => false;
  });
  await tonearm.open();
  await tonearm.choose(fixture('Tune.wav', wav({ seconds: 6 })));
  expect(await tonearm.trouble()).toMatch(/SIMD.*current version of Chrome/);
});
