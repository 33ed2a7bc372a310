import { fixture, wav } from '../support/audio.js';
import { expect, test } from '../support/pages/tonearm.js';

const long = fixture('Long.wav', wav({ seconds: 300, channels: 1 }));
const short = fixture('Short.wav', wav({ seconds: 6 }));

test('a track continues on the CPU after the GPU process crashes', async ({ tonearm, browser }) => {
  await tonearm.open('?backend=webgpu');
  await tonearm.choose(long);
  await tonearm.isUnderWay();
  const session = await browser.newBrowserCDPSession();
  await session.send('Browser.crashGpuProcess');
  await tonearm.reaches('done');
  const [answer] = await tonearm.answers();
  expect(answer!.backend).toBe('cpu');
  expect(answer!.fallback?.code).toMatch(/^gpu-(lost|crashed|failed)$/);
  await expect(tonearm.track.locator('footer')).toContainText('GPU failed');
});

test('a track continues on the CPU after its worker is killed while computing on the GPU', async ({ tonearm, page }) => {
  await tonearm.open('?backend=webgpu');
  const started = page.waitForEvent('worker');
  await tonearm.choose(long);
  await tonearm.isUnderWay();
  void (await started).evaluate(() => self.close()).catch(() => undefined);
  await tonearm.reaches('done');
  expect((await tonearm.answers())[0]!.backend).toBe('cpu');
});

test('a short track does not load the GPU module', async ({ tonearm }) => {
  await tonearm.open();
  expect((await tonearm.classify(short)).backend).toBe('cpu');
  expect(tonearm.server.requests.filter((path) => path.endsWith('.wasm'))).toHaveLength(1);
});

test('a track continues on the CPU after the GPU stops responding', async ({ tonearm, page }) => {
  await tonearm.open('?backend=webgpu');
  const started = page.waitForEvent('worker');
  await tonearm.choose(fixture('Three minutes.wav', wav({ seconds: 180, channels: 1 })));
  await tonearm.isUnderWay();
  await (await started).evaluate(() => {
    GPUBuffer.prototype.mapAsync = () => new Promise<never>(() => {});
  });
  await tonearm.reaches('done');
  const [answer] = await tonearm.answers();
  expect(answer!.backend).toBe('cpu');
  expect(answer!.fallback?.code).toBe('gpu-silent');
});
