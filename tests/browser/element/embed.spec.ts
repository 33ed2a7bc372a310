import type { Locator } from '@playwright/test';
import { fixture, wav } from '../support/audio.js';
import { HostPage } from '../support/pages/host-page.js';
import { look } from '../support/pages/look.js';
import { weightsOf } from '../support/paths.js';
import { servePage } from '../support/pages/server.js';
import { expect, test } from '../support/pages/tonearm.js';

const song = fixture('A tune.wav', wav({ seconds: 6 }));

test('embed.html classifies the song and uses the weights in its address', async ({ tonearm, page }) => {
  const host = new HostPage(page, tonearm.server);
  host.offer('A%20tune.wav', song);
  host.offer('mine.bpk', weightsOf('rnn'));
  await page.goto(`${tonearm.server.url}embed.html?src=A%20tune.wav&weights=mine.bpk&autorun&spectrogram=false&theme=dark`);
  await host.reaches('done');
  await expect(host.arm.locator('footer')).toContainText('by the RNN');
  await expect(host.arm.locator('tone-arm-timeline')).toBeVisible();
  await expect(host.arm.locator('tone-arm-spectrogram')).toHaveCount(0);
  expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe('rgb(26, 24, 22)');
});

test('embed.html rejects addresses that are neither https nor of its own site', async ({ tonearm, page }) => {
  const requested: string[] = [];
  page.on('request', (request) => requested.push(request.url()));
  for (const query of [
    'src=data:audio/wav;base64,UklGRg==',
    'src=javascript:alert(1)',
    'src=file:///etc/passwd',
    'src=http://example.org/song.mp3',
    'weights=http://example.org/mine.bpk',
    'src=https://[',
  ]) {
    await page.goto(`${tonearm.server.url}embed.html?autorun&${query}`);
    await expect(page.getByRole('alert')).toContainText(`“${query.split('=')[0]}” is not allowed`);
    await expect(page.locator('tone-arm')).toHaveCount(0);
  }
  expect(requested.filter((url) => !url.startsWith(tonearm.server.url))).toEqual([]);
});

test('embed.html accepts a blob of the page around it', async ({ tonearm, page }) => {
  const host = new HostPage(page, tonearm.server);
  host.offer('A%20tune.wav', song);
  await host.show('<!doctype html><title>A page of the same site</title><body></body>');
  await page.evaluate(async () => {
    const blob = await fetch('A%20tune.wav').then((response) => response.blob());
    const frame = document.createElement('iframe');
    frame.src = `embed.html?autorun&network=rnn&src=${encodeURIComponent(URL.createObjectURL(blob))}`;
    document.body.append(frame);
  });
  await expect(page.frameLocator('iframe').locator('tone-arm')).toHaveAttribute('state', 'done', { timeout: 60_000 });
});

test('the tag and the iframe that Listen offers work on another site whose policy is the one in the package’s README', async ({ tonearm, page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await tonearm.open('?network=cnn');
  await page.getByText('Embed it on your site').click();
  const copied = async (kind: string) => {
    await page.getByRole('button', { name: `Copy the ${kind}` }).click();
    await expect(page.getByText(`Copied the ${kind}.`)).toBeVisible();
    return page.evaluate(() => navigator.clipboard.readText());
  };
  const [tag, frame] = [await copied('tag'), await copied('iframe')];
  const from = new URL(tonearm.server.url).origin;
  const checkEmbedded = async (code: string, policy: string, arm: Locator) => {
    const server = await servePage(`<!doctype html><title>A site</title>${code}`, `default-src 'none'; ${policy}`);
    await page.goto(server.url);
    await arm.locator('input').setInputFiles(song);
    await expect(arm).toHaveAttribute('state', 'done', { timeout: 60_000 });
    await expect(arm.locator('footer')).toContainText('by the CNN');
    await expect(arm.getByRole('button', { name: 'Play' })).toBeEnabled();
    await server.close();
  };
  const tagPolicy = `script-src ${from} 'wasm-unsafe-eval'; worker-src blob:; connect-src ${from}; media-src blob:`;
  await checkEmbedded(tag, tagPolicy, page.locator('tone-arm'));
  await checkEmbedded(frame, `frame-src ${from}`, page.frameLocator('iframe').locator('tone-arm'));
});

test('the embed code of an own classifier has a placeholder for the address of its weights', async ({ tonearm, page }) => {
  await tonearm.open();
  await tonearm.drop(weightsOf('rnn'));
  await page.getByText('Embed it on your site').click();
  const codes = page.locator('embed-code pre');
  await expect(codes.first()).toContainText('weights="https://example.org/my-classes.bpk"');
  await expect(codes.last()).toContainText('weights=https%3A%2F%2Fexample.org%2Fmy-classes.bpk');
  await expect(page.locator('embed-code')).toContainText('upload its file');
  await look(page, 'embed-code');
});

test('the embed code has the options that the visitor sets, as a tag and as an iframe', async ({ tonearm, page }) => {
  await tonearm.open('?network=cnn');
  await page.getByText('Embed it on your site').click();
  const code = page.locator('embed-code');
  await expect(code.getByLabel('Start without a click')).toBeDisabled();
  await code.getByLabel('Address of a song').fill('https://example.org/a "song".mp3?a=1&b=2');
  await code.getByLabel('Start without a click').check();
  await code.getByLabel('Spectrogram').uncheck();
  await code.getByLabel('Genres in the prediction').fill('5');
  await code.getByLabel('Colours').selectOption('Dark');
  await look(page, 'embed-options');
  const options = { network: 'cnn', src: 'https://example.org/a "song".mp3?a=1&b=2', spectrogram: 'false', 'top-k': '5', theme: 'dark', autorun: '' };

  const [tag = '', frame = ''] = await code.locator('pre').allTextContents();
  const parsed = await page.evaluate(
    ([tag, frame]) => {
      const read = (html: string, name: string) => new DOMParser().parseFromString(html, 'text/html').querySelector(name)!;
      const attributes = [...read(tag!, 'tone-arm').attributes].map(({ name, value }) => [name, value]);
      const parameters = [...new URL(read(frame!, 'iframe').getAttribute('src')!).searchParams];
      return [attributes, parameters].map((entries) => Object.fromEntries(entries) as Record<string, string>);
    },
    [tag, frame],
  );
  expect(parsed).toEqual([options, options]);

  await code.getByLabel('Address of a song').fill('');
  await code.getByLabel('Spectrogram').check();
  await code.getByLabel('Genres in the prediction').fill('3');
  await code.getByLabel('Colours').selectOption('As the page around it');
  await expect(code.locator('pre').first()).toContainText('<tone-arm network="cnn"></tone-arm>');
});

test('embed.html plays a song of a server on this machine without https', async ({ tonearm, page }) => {
  const headers = { 'access-control-allow-origin': '*', 'cross-origin-resource-policy': 'cross-origin' };
  await page.route('http://localhost:1234/**', (route) => route.fulfill({ path: song, headers }));
  await page.goto(`${tonearm.server.url}embed.html?network=rnn&autorun&src=http://localhost:1234/A%20tune.wav`);
  await expect(page.locator('tone-arm')).toHaveAttribute('state', 'done', { timeout: 60_000 });
});

test('embed.html tells a page of another origin its height, whenever it changes', async ({ tonearm, page }) => {
  const host = new HostPage(page, tonearm.server);
  host.offer('A%20tune.wav', song);
  // The listener in docs/embed.md.
  const listener = `<script>
    addEventListener('message', ({ source, data }) => {
      const frame = document.querySelector('iframe');
      if (source === frame.contentWindow && data?.type === 'tonearm-resize') frame.style.height = data.height + 'px';
    });
  </script>`;
  const from = new URL(tonearm.server.url).origin;
  const frame = `<iframe src="${tonearm.server.url}embed.html?network=rnn&amp;src=A%20tune.wav" title="Tonearm" width="100%" height="720" style="border: 0"></iframe>`;
  const server = await servePage(`<!doctype html><title>A site</title>${listener}${frame}`, `default-src 'none'; frame-src ${from}; script-src 'unsafe-inline'; style-src 'unsafe-inline'`);
  await page.goto(server.url);
  /** How much the content is higher than the iframe. */
  const excess = () => page.frameLocator('iframe').locator('body').evaluate((body) => Math.ceil(body.getBoundingClientRect().height) - innerHeight);
  const [arm, height] = [page.frameLocator('iframe').locator('tone-arm'), () => page.locator('iframe').evaluate((frame) => frame.clientHeight)];
  await expect(arm).toContainText(/\d\sMB/);
  await expect.poll(height).toBeLessThan(300);
  const before = await height();
  await arm.getByRole('button', { name: 'What genre is it?' }).click();
  await expect(arm).toHaveAttribute('state', 'done', { timeout: 60_000 });
  await expect.poll(height).toBeGreaterThan(before + 200);
  await expect.poll(excess).toBe(0);
  await page.setViewportSize({ width: 390, height: 700 });
  await expect.poll(excess).toBe(0);
  await server.close();
});
