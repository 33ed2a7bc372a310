import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Page } from '@playwright/test';
// For the types of the tag and its events.
import type {} from 'tonearm/element';
import { fixture, wav } from '../support/audio.js';
import { expect, test } from '../support/pages/host-page.js';
import { SITE, weightsOf } from '../support/paths.js';
import { serveFolder, serveOffSite } from '../support/pages/server.js';
import { newerVersion, ofAnotherProgram } from '../support/weights.js';

const song = fixture('A tune.wav', wav({ seconds: 6 }));
const long = fixture('Long.wav', wav({ seconds: 300, channels: 1 }));
const TUNE = 'src="A%20tune.wav"';

/** Collects the console warnings of the element. */
function warnings(page: Page): string[] {
  const seen: string[] = [];
  page.on('console', (message) => message.type() === 'warning' && message.text().startsWith('<tone-arm>') && seen.push(message.text()));
  return seen;
}

test('nothing is downloaded before the element is used, and the download size is shown', async ({ host }) => {
  host.offer('A%20tune.wav', song);
  await host.open(`<tone-arm ${TUNE} network="rnn"></tone-arm>`);
  const expected = (statSync('../../pkg/wasm/cpu/tonearm_web_bg.wasm').size + statSync(weightsOf('rnn')).size) / 1e6;
  await expect(host.arm).toContainText(`${expected.toFixed(1)} MB`);
  expect(host.heavy).toEqual(['HEAD', 'HEAD']);
  expect(host.page.workers()).toEqual([]);
  await expect(host.arm).toHaveAttribute('state', 'idle');
  await expect(host.arm.getByRole('heading', { name: 'A tune' })).toBeVisible();

  await host.arm.getByRole('button', { name: 'What genre is it?' }).click();
  await host.reaches('done');
  expect(host.heavy).toEqual(['HEAD', 'HEAD', 'GET', 'GET']);
});

test('program and weights are loaded from the folder in assets', async ({ host }) => {
  host.offer('A%20tune.wav', song);
  host.offer('elsewhere/wasm/cpu/tonearm_web_bg.wasm', '../../pkg/wasm/cpu/tonearm_web_bg.wasm');
  host.offer('elsewhere/weights/cnn.bpk', weightsOf('cnn'));
  host.offer('elsewhere/dist/worker.js', '../../pkg/dist/worker.js');
  await host.open(`<tone-arm ${TUNE} network="cnn" assets="elsewhere"></tone-arm>`);
  await expect(host.arm).toContainText(/\d\.\d\sMB/);
  await host.arm.getByRole('button', { name: 'What genre is it?' }).click();
  await host.reaches('done');
  const heavy = host.requests.filter((request) => /\.(wasm|bpk)$/.test(request));
  expect(heavy).toHaveLength(4);
  expect(heavy.filter((request) => !request.includes('/elsewhere/'))).toEqual([]);
});

test('preload controls what is downloaded in advance', async ({ host }) => {
  await host.open('<tone-arm preload="none"></tone-arm>');
  await expect(host.arm).toContainText('The first song downloads program and weights.');
  expect(host.heavy).toEqual([]);
  await host.arm.evaluate((arm) => arm.setAttribute('preload', 'auto'));
  await expect.poll(() => host.heavy).toEqual(['GET', 'GET']);
  await expect(host.arm).not.toContainText('The first song downloads');
  await expect(host.arm).toHaveAttribute('state', 'idle');
});

test('autorun starts by itself once the element is enabled, and again when src changes', async ({ host, page }) => {
  host.offer('A%20tune.wav', song);
  host.offer('Long.wav', long);
  await host.open(`<tone-arm ${TUNE} network="cnn" autorun disabled></tone-arm>`);
  await expect(host.arm.getByRole('button', { name: 'What genre is it?' })).toBeDisabled();
  await host.arm.evaluate((arm) => arm.removeAttribute('disabled'));
  await host.reaches('done');
  await host.arm.evaluate((arm) => arm.setAttribute('src', 'Long.wav'));
  await expect(host.arm.getByRole('heading', { name: 'Long' })).toBeVisible();
  await host.reaches('done');
  // Without src, the element shows the file picker.
  await host.arm.evaluate((arm) => arm.removeAttribute('src'));
  await expect(page.getByLabel('Choose a song, or drop it here')).toBeAttached();
  await expect(host.arm).toHaveAttribute('state', 'idle');
});

test('events report progress, prediction and error, bubble and cross shadow roots', async ({ host, page }) => {
  host.offer('A%20tune.wav', song);
  await host.open('<div id="outer"></div>');
  const seen = await page.evaluate(async () => {
    const root = document.querySelector('#outer')!.attachShadow({ mode: 'open' });
    const arm = document.createElement('tone-arm');
    Object.assign(arm, { network: 'cnn', topK: 5 });
    root.append(arm);
    const seen: string[] = [];
    for (const type of ['tonearm-progress', 'tonearm-prediction', 'tonearm-error'] as const) {
      document.querySelector('main')!.addEventListener(type, ({ detail }) => {
        seen.push('top' in detail ? `top ${detail.top.length}` : 'code' in detail ? detail.code : detail.state);
      });
    }
    const answer = await arm.classify('A%20tune.wav');
    const failed = await arm.classify(new Blob(['no music']));
    return { seen: [...new Set(seen)], label: answer?.label, failed: failed === undefined, state: arm.state };
  });
  expect(seen).toEqual({ seen: ['loading', 'decoding', 'analysing', 'top 5', 'not-audio'], label: expect.any(String), failed: true, state: 'failed' });
});

test('each stage is reported once, for a song that is downloaded and for one that is passed', async ({ host }) => {
  host.offer('A%20tune.wav', song);
  await host.open('<tone-arm network="cnn"></tone-arm>');
  const steps = await host.arm.evaluate(async (arm: HTMLElementTagNameMap['tone-arm']) => {
    const states: string[] = [];
    arm.addEventListener('tonearm-progress', ({ detail: { state, progress } }) => progress === 0 && states.push(state));
    const answered = new Promise((resolve) => arm.addEventListener('tonearm-prediction', resolve, { once: true }));
    Object.assign(arm, { src: 'A%20tune.wav', autorun: true });
    await answered;
    await arm.classify(await fetch('A%20tune.wav').then((response) => response.blob()));
    return states;
  });
  expect(steps).toEqual(['loading', 'decoding', 'analysing', 'loading', 'decoding', 'analysing']);
});

test('timeline, spectrogram and player are shown unless they are turned off', async ({ host }) => {
  host.offer('A%20tune.wav', song);
  await host.open(`<tone-arm ${TUNE} network="cnn" autorun></tone-arm>`);
  await host.reaches('done');
  const parts = { timeline: host.arm.locator('tone-arm-timeline'), spectrogram: host.arm.locator('tone-arm-spectrogram'), player: host.arm.getByRole('button', { name: 'Play' }) };
  for (const part of Object.values(parts)) await expect(part).toBeVisible();
  for (const [name, part] of Object.entries(parts)) {
    await host.arm.evaluate((arm, name) => arm.setAttribute(name, 'false'), name);
    await expect(part).toHaveCount(0);
  }
  await expect(host.arm.locator('tone-arm-player')).toHaveCount(0);
  await host.arm.evaluate((arm) => Object.assign(arm, { timeline: true }));
  await expect(parts.timeline).toBeVisible();
});

test('the spectrogram is computed only where it is shown', async ({ host }) => {
  host.offer('A%20tune.wav', song);
  await host.open(`<tone-arm ${TUNE} network="cnn" spectrogram="false" autorun></tone-arm>`);
  await host.reaches('done');
  const spectrogram = () =>
    host.arm.evaluate((arm) => (arm as unknown as { prediction?: { spectrogram: object | null } }).prediction?.spectrogram);
  expect(await spectrogram()).toBeNull();
  // Showing it afterwards analyses the song again.
  await host.arm.evaluate((arm) => arm.setAttribute('spectrogram', 'true'));
  await expect.poll(spectrogram).toEqual(expect.anything());
  await host.reaches('done');
  await expect(host.arm.locator('tone-arm-spectrogram')).toBeVisible();
  // Hiding it does not.
  await host.arm.evaluate((arm) => arm.setAttribute('spectrogram', 'false'));
  await expect(host.arm.locator('tone-arm-spectrogram')).toHaveCount(0);
  await expect(host.arm).toHaveAttribute('state', 'done');
});

test('top-k limits the number of genres in the prediction', async ({ host }) => {
  host.offer('A%20tune.wav', song);
  await host.open(`<tone-arm ${TUNE} network="cnn" autorun></tone-arm>`);
  await host.reaches('done');
  const named = () => host.arm.evaluate((arm) => (arm as unknown as { prediction: { top: unknown[] } }).prediction.top.length);
  expect(await named()).toBe(3);
  await host.arm.evaluate((arm) => arm.setAttribute('top-k', '1'));
  await expect.poll(named).toBe(1);
  await expect(host.arm.locator('tone-arm-answer .label')).toBeVisible();
});

test('an unknown attribute value falls back to the default with one console warning', async ({ host, page }) => {
  const seen = warnings(page);
  host.offer('A%20tune.wav', song);
  await host.open(`<tone-arm ${TUNE} autorun network="gnn" backend="tpu" timeline="off" theme="blue" preload="yes" top-k="many" lang="xx"></tone-arm>`);
  await host.reaches('done');
  await expect(host.arm.locator('tone-arm-timeline')).toBeVisible();
  expect(seen).toHaveLength(7);
  for (const [attribute, value] of Object.entries({ network: 'gnn', backend: 'tpu', timeline: 'off', theme: 'blue', preload: 'yes', 'top-k': 'many', lang: 'xx' })) {
    expect(seen.filter((warning) => warning.includes(`${attribute}="${value}"`))).toHaveLength(1);
  }
  await host.arm.evaluate((arm) => arm.setAttribute('backend', 'npu'));
  await expect.poll(() => seen.length).toBe(8);
});

test('a bad src is rejected with its reason, and another src works afterwards', async ({ host }) => {
  const foreign = await serveOffSite({ allowCors: false });
  host.offer('A%20tune.wav', song);
  await host.open('<tone-arm network="cnn" autorun></tone-arm>');
  const troubles: [string, string, RegExp][] = [
    ['absent.mp3', 'song-absent', /no song at this address/],
    ['embed.html', 'not-audio', /contains no audio that the browser can decode/],
    [`${foreign.url}song.mp3`, 'song-forbidden', /does not allow this site to read it.*CORS/s],
    ['http://127.0.0.1:9/song.mp3', 'song-download', /could not be downloaded/],
  ];
  for (const [src, code, words] of troubles) {
    expect((await host.errorOf({ src })).code).toBe(code);
    await expect(host.arm.locator('.answer')).toContainText(words);
  }
  await host.arm.evaluate((arm) => arm.setAttribute('src', 'A%20tune.wav'));
  await host.reaches('done');
  await foreign.close();
});

test('bad weights are rejected with the reason, and other weights work afterwards', async ({ host }) => {
  const good = readFileSync(weightsOf('cnn'));
  const foreign = await serveFolder(path.dirname(weightsOf('cnn')));
  host.offer('A%20tune.wav', song);
  host.offer('cut.bpk', good.subarray(0, 100_000));
  host.offer('newer.bpk', newerVersion(good));
  host.offer('other.bpk', ofAnotherProgram(good));
  host.offer('mine.bpk', weightsOf('rnn'));
  await host.open(`<tone-arm ${TUNE} autorun preload="none"></tone-arm>`);
  await host.reaches('done');
  const troubles: [string, RegExp][] = [
    ['cut.bpk', /weights file: .*truncated/i],
    ['newer.bpk', /format 9.*update Tonearm/],
    ['other.bpk', /not written by Tonearm/],
    ['A%20tune.wav', /weights file: .*not a weights file/i],
    ['absent.bpk', /weights file could not be fetched/],
    [`${foreign.url}cnn.bpk`, /the server does not allow this site to read it/],
  ];
  for (const [weights, words] of troubles) {
    const error = await host.errorOf({ weights });
    expect(error.code).toBe('weights');
    expect(error.message).toMatch(/^[A-Z].*\.$/);
    expect(error.message).toMatch(words);
    for (const text of [error.message, error.advice]) await expect(host.arm.locator('.answer')).toContainText(text);
  }
  await host.arm.evaluate((arm) => arm.setAttribute('weights', 'mine.bpk'));
  await host.reaches('done');
  await expect(host.arm.locator('footer')).toContainText('by the RNN');
  await foreign.close();
});

test('a song and weights of another site work if that site allows it', async ({ host }) => {
  const cors = { 'access-control-allow-origin': '*' };
  const [songs, weights] = await Promise.all([serveFolder(path.dirname(song), cors), serveFolder(path.dirname(weightsOf('rnn')), cors)]);
  await host.open(`<tone-arm src="${songs.url}A%20tune.wav" weights="${weights.url}rnn.bpk" autorun></tone-arm>`);
  await host.reaches('done');
  await expect(host.arm.locator('footer')).toContainText('by the RNN');
  await Promise.all([songs.close(), weights.close()]);
});

test('several elements share one worker and one copy of the weights', async ({ host, page }) => {
  host.offer('A%20tune.wav', song);
  await host.open(`<tone-arm ${TUNE} network="cnn" autorun preload="none"></tone-arm>`.repeat(3));
  for (const arm of await page.locator('tone-arm').all()) await host.reaches('done', arm);
  expect(page.workers()).toHaveLength(1);
  expect(host.heavy).toEqual(['GET', 'GET']);
});

test('inserting and removing the element 50 times leaves no worker and does not leak memory', async ({ host, page }) => {
  host.offer('A%20tune.wav', song);
  await host.open('');
  const client = await page.context().newCDPSession(page);
  const insertAndRemove = (times: number) =>
    page.evaluate(async (times) => {
      for (let i = 0; i < times; i++) {
        const arm = document.createElement('tone-arm');
        Object.assign(arm, { network: 'cnn', src: 'A%20tune.wav', autorun: true });
        // Removes it while it loads or decodes; the first one after it is done.
        const until = i === 0 ? 'tonearm-prediction' : 'tonearm-progress';
        const reached = new Promise((resolve) => arm.addEventListener(until, resolve));
        document.body.append(arm);
        await reached;
        await new Promise((resolve) => setTimeout(resolve, (i % 10) * 20));
        arm.remove();
      }
    }, times);
  const held = async () => {
    await expect.poll(() => page.workers()).toHaveLength(0);
    await client.send('HeapProfiler.collectGarbage');
    const { usedSize } = await client.send('Runtime.getHeapUsage');
    const { nodes } = await client.send('Memory.getDOMCounters');
    return { megabytes: usedSize / 1e6, nodes };
  };
  await insertAndRemove(10);
  const before = await held();
  await insertAndRemove(50);
  const after = await held();
  // A leaked element has about 150 nodes; the last one may not be collected yet.
  expect(after.megabytes - before.megabytes).toBeLessThan(1);
  expect(after.nodes - before.nodes).toBeLessThan(1_000);
});

test('an element that is moved within the page keeps analysing and playing', async ({ host, page }) => {
  host.offer('Long.wav', long);
  await host.open('<tone-arm src="Long.wav" network="cnn" autorun></tone-arm><div id="there"></div>');
  await expect(host.arm).toHaveAttribute('state', 'analysing', { timeout: 60_000 });
  const move = () => page.evaluate(() => document.querySelector('#there')!.append(document.querySelector('tone-arm')!));
  await move();
  await host.reaches('done');
  expect(page.workers()).toHaveLength(1);
  const clock = host.arm.locator('.clock b');
  await host.arm.getByRole('button', { name: 'Play' }).click();
  await expect(clock).not.toHaveText('0:00');
  await page.evaluate(() => document.querySelector('main')!.append(document.querySelector('tone-arm')!));
  await expect(host.arm.getByRole('button', { name: 'Pause' })).toBeVisible();
  await expect(clock).not.toHaveText('0:00');
});

test('a song that is passed right after the network changes is classified by the new network', async ({ host }) => {
  host.offer('A%20tune.wav', song);
  await host.open(`<tone-arm ${TUNE} network="rnn" autorun></tone-arm>`);
  await host.reaches('done');
  const label = await host.arm.evaluate(async (arm: HTMLElementTagNameMap['tone-arm']) => {
    arm.network = 'cnn';
    return (await arm.classify('A%20tune.wav'))?.label;
  });
  expect(label).toEqual(expect.any(String));
  await expect(host.arm.locator('footer')).toContainText('by the CNN');
});

test('prefers-reduced-motion stops the animation', async ({ host, page }) => {
  host.offer('A%20tune.wav', song);
  // The progress bar is animated while the duration is unknown.
  await page.route('**/*.wasm', () => undefined);
  await host.open(`<tone-arm ${TUNE} network="cnn" autorun></tone-arm>`);
  const motion = () => host.arm.locator('progress').evaluate((bar) => getComputedStyle(bar).animationName);
  await expect.poll(motion).toBe('sweep');
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await expect.poll(motion).toBe('none');
});

test('one song plays at a time', async ({ host, page }) => {
  host.offer('A%20tune.wav', song);
  await host.open(`<tone-arm ${TUNE} network="cnn" autorun></tone-arm><tone-arm ${TUNE} network="cnn" autorun></tone-arm>`);
  const [first, second] = [page.locator('tone-arm').first(), page.locator('tone-arm').last()];
  await host.reaches('done', first);
  await host.reaches('done', second);
  await first.getByRole('button', { name: 'Play' }).click();
  await expect(first.getByRole('button', { name: 'Pause' })).toBeVisible();
  await second.getByRole('button', { name: 'Play' }).click();
  await expect(second.getByRole('button', { name: 'Pause' })).toBeVisible();
  await expect(first.getByRole('button', { name: 'Play' })).toBeVisible();
});

test('two versions on one page do not break each other', async ({ host, page }) => {
  host.offer('A%20tune.wav', song);
  // The browser treats the same files at another address as other modules.
  await page.route(`${host.server.url}other/**`, (route) => {
    const file = SITE + new URL(route.request().url()).pathname.replace('/other', '');
    return route.fulfill({ path: file });
  });
  const errors: Error[] = [];
  page.on('pageerror', (error) => errors.push(error));
  await host.open(`<tone-arm ${TUNE} network="cnn" autorun></tone-arm>`, { head: '<script type="module" src="other/tone-arm.js"></script>' });
  await host.reaches('done');
  expect(host.requests.some((request) => request.endsWith('/other/tone-arm.js'))).toBe(true);
  expect(errors).toEqual([]);
});

test('a song can be dropped or chosen by keyboard, one after the other', async ({ host, page }) => {
  host.offer('A%20tune.wav', song);
  await host.open('<tone-arm network="cnn"></tone-arm>');
  await host.arm.evaluate(async (arm) => {
    const song = await fetch('A%20tune.wav').then((response) => response.blob());
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([song], 'Dropped.wav'));
    arm.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
  });
  await expect(host.arm.getByRole('heading', { name: 'Dropped' })).toBeVisible();
  await host.reaches('done');

  await host.arm.getByRole('button', { name: 'Another song' }).press('Enter');
  const input = page.getByLabel('Choose a song, or drop it here');
  await expect(input).toBeFocused();
  const chooser = page.waitForEvent('filechooser');
  await page.keyboard.press('Enter');
  await (await chooser).setFiles(song);
  await expect(host.arm.getByRole('heading', { name: 'A tune' })).toBeVisible();
  await host.reaches('done');
});

test('dragging a file over the element highlights it, and dragging text does not', async ({ host }) => {
  await host.open('<tone-arm></tone-arm>');
  /** Drags a file or text over the element and drops it. Returns whether it was highlighted, and for both events whether their default action was left to the page. */
  const drag = (what: 'file' | 'text') =>
    host.arm.evaluate(async (arm: HTMLElementTagNameMap['tone-arm'], what) => {
      const dataTransfer = new DataTransfer();
      if (what === 'text') dataTransfer.setData('text/plain', 'words');
      else dataTransfer.items.add(new File(['no music'], 'Held.wav'));
      const send = (type: string) => arm.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
      const unhandled = [send('dragover')];
      await arm.updateComplete;
      const highlighted = arm.shadowRoot!.querySelector('.over') !== null;
      return { highlighted, unhandled: [...unhandled, send('drop')] };
    }, what);
  expect(await drag('text')).toEqual({ highlighted: false, unhandled: [true, true] });
  await expect(host.arm).toHaveAttribute('state', 'idle');
  expect(await drag('file')).toEqual({ highlighted: true, unhandled: [false, false] });
  await host.reaches('failed');
});

test('drops are left to the page if it sets src', async ({ host }) => {
  host.offer('A%20tune.wav', song);
  await host.open(`<tone-arm ${TUNE}></tone-arm>`);
  const unhandled = await host.arm.evaluate((arm) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File(['x'], 'Dropped.wav'));
    return arm.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
  });
  expect(unhandled).toBe(true);
  await expect(host.arm.getByRole('heading', { name: 'A tune' })).toBeVisible();
});
