import { fixture, wav } from '../support/audio.js';
import { serveOffSite } from '../support/pages/server.js';
import { expect, test } from '../support/pages/tonearm.js';

test('neither the page nor the worker can reach another site', async ({ tonearm, page }) => {
  const elsewhere = await serveOffSite();
  await tonearm.open();
  const started = page.waitForEvent('worker');
  await tonearm.classify(fixture('Tune.wav', wav({ seconds: 6 })));
  const worker = await started;

  const reach = (url: string) => fetch(url).then(() => 'reached', () => 'refused');
  expect(await page.evaluate(reach, elsewhere.url)).toBe('refused');
  expect(await worker.evaluate(reach, elsewhere.url)).toBe('refused');
  expect(elsewhere.requests).toEqual([]);
  // The same call where nothing forbids it, so that the test can fail.
  expect(await reach(elsewhere.url)).toBe('reached');
  await elsewhere.close();
});

test('a classification asks the network for the files of the site and nothing else', async ({ tonearm, page }) => {
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await tonearm.open();
  await tonearm.classify(fixture('Tune.wav', wav({ seconds: 6 })));
  const foreign = asked.filter((url) => !url.startsWith(tonearm.server.url) && !url.startsWith('blob:'));
  expect(foreign).toEqual([]);
});

test('an inline script and an inline style are refused', async ({ tonearm, page }) => {
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
