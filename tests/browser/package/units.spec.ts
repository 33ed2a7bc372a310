import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { MAX_SECONDS } from '../../../pkg/src/audio/decode.js';
import { mapScale } from '../../../pkg/src/element/map/map-scale.js';
import { DeviceChoice } from '../../../pkg/src/runtime/device-choice.js';
import { timelineCsv } from '../../../pkg/src/text/export.js';
import { clock, titleOf } from '../../../pkg/src/text/format.js';
import { coreError, coreOf } from '../../../pkg/src/runtime/errors.js';
import { RequestFailed } from '../../../pkg/src/runtime/worker-link.js';
import type { InferenceClient } from '../../../pkg/src/runtime/inference-client.js';
import { stepAt } from '../../../pkg/src/text/timeline.js';
import { BACKGROUNDS, PALETTE } from '../../../pkg/src/element/tokens.js';
import { count, decibels, decimal, duration, frequency, list, megabytes, minutes, percent, plural, signed, wholePercent } from '../../../pkg/src/text/numbers.js';
import { sentence } from '../../../pkg/src/text/error-texts.js';
import type { Backend, Prediction } from '../../../pkg/src/types.js';
import { contrast, leastDistance } from '../support/colour.js';
import { ROOT } from '../support/paths.js';

for (const [theme, name] of [[0, 'light'], [1, 'dark']] as const) {
  const colours = PALETTE.map((pair) => pair[theme]);

  test(`the colours of any two genres are distinguishable, with colour blindness too, in the ${name} theme`, () => {
    for (const [i, one] of colours.entries()) {
      for (const other of colours.slice(i + 1)) expect(leastDistance(one, other), `${one} ${other}`).toBeGreaterThan(0.08);
    }
  });

  test(`every genre colour contrasts with the background in the ${name} theme`, () => {
    for (const colour of colours) expect(contrast(colour, BACKGROUNDS[theme]), colour).toBeGreaterThan(3);
  });
}

test('times are formatted as on a clock', () => {
  expect([0, 9.99, 61, 3_725].map(clock)).toEqual(['0:00', '0:09', '1:01', '1:02:05']);
});

test('numbers have separators, a no-break space before their unit and a true minus sign', () => {
  expect([count(12_345), decimal(-0.125, 2), decimal(-0.001, 2), signed(0.5, 2), signed(-3, 0), signed(0, 0)]).toEqual(['12,345', '−0.13', '0.00', '+0.50', '−3', '0']);
  expect([percent(0.125), percent(0.125, 1), wholePercent(0.004), wholePercent(0)]).toEqual(['13\u00a0%', '12.5\u00a0%', '<1\u00a0%', '0\u00a0%']);
  expect([frequency(440), frequency(44_100), decibels(-12.4), decibels(-0.2), megabytes(1_550_000)]).toEqual(['440\u00a0Hz', '44.1\u00a0kHz', '−12\u00a0dB', '0\u00a0dB', '1.6\u00a0MB']);
  expect([duration(0.25), duration(2), minutes(1.5), minutes(12.4)]).toEqual(['250\u00a0ms', '2.0\u00a0s', '1.5 min', '12 min']);
});

test('plurals and lists follow the language', () => {
  expect([0, 1, 2].map((n) => plural(n, 'file', 'files'))).toEqual(['files', 'file', 'files']);
  expect(list(['Folk', 'Rock', 'Pop'])).toBe('Folk, Rock, Pop');
});

test('a title is the file name without its extension', () => {
  expect(['Song.mp3', 'Vol. 2.flac', 'noending'].map(titleOf)).toEqual(['Song', 'Vol. 2', 'noending']);
});

test('a time maps to its step, and a time beyond the end to the last one', () => {
  const steps = [0, 2, 4].map((start) => ({ startSeconds: start, endSeconds: start + 2, probabilities: null }));
  expect([0, 1.9, 2, 5, 9].map((seconds) => stepAt(steps, seconds))).toEqual([0, 0, 1, 2, 2]);
});

test('an error of the core keeps its code and parameters through the worker', () => {
  const thrown = Object.assign(new Error('clip lasts 0.2 s'), { code: 'clip-too-short', parameters: { neededSeconds: 1, gotSeconds: 0.2 } });
  const core = { code: 'clip-too-short', parameters: { neededSeconds: 1, gotSeconds: 0.2 } };
  expect(coreOf(thrown)).toEqual(core);
  const { message, code, core: received } = coreError('refused', new RequestFailed('track', thrown.message, coreOf(thrown)));
  expect({ message, code, received }).toEqual({ message: 'Clip lasts 0.2 s.', code: 'refused', received: core });
  expect(coreError('refused', new Error('no code')).core).toBeNull();
});

test('an error message of the core becomes a sentence', () => {
  expect(sentence('clip lasts 0.2 s')).toBe('Clip lasts 0.2 s.');
});

test('the CSV quotes genres with a comma and leaves cells of silent steps empty', () => {
  const csv = timelineCsv({
    probabilities: { 'Drum, bass': 0.9, Folk: 0.1 },
    timeline: [
      { startSeconds: 0, endSeconds: 2, probabilities: { 'Drum, bass': 0.9, Folk: 0.1 } },
      { startSeconds: 2, endSeconds: 4, probabilities: null },
    ],
  } as unknown as Prediction);
  expect(csv.split('\r\n')).toEqual([
    'startSeconds,endSeconds,label,"Drum, bass",Folk',
    '0.000,2.000,"Drum, bass",0.900000,0.100000',
    '2.000,4.000,,,',
    '',
  ]);
});

test.describe('backend auto', () => {
  /** A fake client that takes so many seconds for a window of 30 s, and the backends that it was asked to load. */
  function fakeClient(seconds: Record<Backend, number>): { client: InferenceClient; loaded: Backend[] } {
    const loaded: Backend[] = [];
    const metadata = { network: { input: { audio: { windowSeconds: 30 } } }, parts: {} };
    const load = (backend: Backend) => Promise.resolve(loaded.push(backend)).then(() => ({ metadata }));
    const warmUp = (backend: Backend) => load(backend).then(() => seconds[backend]);
    return { client: { load, warmUp } as unknown as InferenceClient, loaded };
  }

  const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');

  test.beforeEach(() => {
    const gpu = { requestAdapter: () => Promise.resolve({}) };
    Object.defineProperty(globalThis, 'navigator', { configurable: true, value: { gpu } });
  });

  // Node 20 has no `navigator`.
  test.afterEach(() => {
    Object.defineProperty(globalThis, 'navigator', before ?? { configurable: true, value: undefined });
  });

  for (const [cpu, webgpu, faster] of [[0.1, 0.09, 'webgpu'], [0.1, 0.11, 'cpu'], [0.006, 0.0054, 'webgpu']] as const) {
    test(`a long track uses the faster backend: ${cpu} s on the CPU, ${webgpu} s on the GPU`, async () => {
      expect(await new DeviceChoice('auto', fakeClient({ cpu, webgpu }).client).forTrack('cpu', 7200)).toBe(faster);
    });
  }

  test('a short track never loads the GPU module', async () => {
    const { client, loaded } = fakeClient({ cpu: 0.1, webgpu: 0.001 });
    const choice = new DeviceChoice('auto', client);
    // With a window of 30 s every 15 s, these tracks take 1.9 s and 2.1 s on the CPU.
    expect(await choice.forTrack('cpu', 285)).toBe('cpu');
    expect(loaded).not.toContain('webgpu');
    expect(await choice.forTrack('cpu', 315)).toBe('webgpu');
  });
});

test('the page and the core have the same limit on the duration', () => {
  const source = readFileSync(path.join(ROOT, 'crates/dsp/src/clip.rs'), 'utf8');
  const [, hours, minutes, seconds] = /MAX_SECONDS: u32 = (\d+) \* (\d+) \* (\d+);/.exec(source) ?? [];
  expect(Number(hours) * Number(minutes) * Number(seconds)).toBe(MAX_SECONDS);
});

test('the page and the core have the same limit on the files that t-SNE places', () => {
  const number = (file: string, pattern: RegExp) => Number(pattern.exec(readFileSync(path.join(ROOT, file), 'utf8'))?.[1]);
  const page = number('www/src/train/report/train-map.ts', /TSNE_LIMIT = (\d+);/);
  expect(page).toBe(number('src/training/session/report.rs', /MAX_TSNE_FILES: usize = (\d+);/));
});

test('the points of a map fill a square in their longer direction, upwards on the map being upwards in the square', () => {
  const toSquare = mapScale([0, 10, 4, 12, 2, 11]);
  expect([toSquare(0, 10), toSquare(4, 12), toSquare(2, 11)]).toEqual([[0, 0.75], [1, 0.25], [0.5, 0.5]]);
  // A single point has no extent.
  expect(mapScale([3, 7])(3, 7)).toEqual([0.5, 0.5]);
});
