import { fixture, wav } from '../support/audio.js';
import { serveOffSite } from '../support/pages/server.js';
import { expect, test } from '../support/pages/tonearm.js';

test('neither the page nor its worker can reach another site', async ({ tonearm, page }) => {
  const elsewhere = await serveOffSite();
  await tonearm.open();
  const started = page.waitForEvent('worker');
  await tonearm.classify(fixture('Tune.wav', wav({ seconds: 6 })));
  const worker = await started;

  const reach = (url: string) => fetch(url).then(() => 'reached', () => 'blocked');
  expect(await page.evaluate(reach, elsewhere.url)).toBe('blocked');
  expect(await worker.evaluate(reach, elsewhere.url)).toBe('blocked');
  expect(elsewhere.requests).toEqual([]);
  // Without a policy the same call succeeds, so the test could fail.
  expect(await reach(elsewhere.url)).toBe('reached');
  await elsewhere.close();
});

test('classifying a song requests only files of the site', async ({ tonearm, page }) => {
  const requested: string[] = [];
  page.on('request', (request) => requested.push(request.url()));
  await tonearm.open();
  await tonearm.classify(fixture('Tune.wav', wav({ seconds: 6 })));
  const foreign = requested.filter((url) => !url.startsWith(tonearm.server.url) && !url.startsWith('blob:'));
  expect(foreign).toEqual([]);
});

test('inline scripts and styles are blocked', async ({ tonearm, page }) => {
  await tonearm.open();
  const ran = await page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'globalThis.ran = true';
    const style = document.createElement('style');
    style.textContent = 'body { opacity: 0.5 }';
    document.body.append(script, style);
    return ['ran' in globalThis, getComputedStyle(document.body).opacity];
  });
  expect(ran).toEqual([false, '1']);
});
