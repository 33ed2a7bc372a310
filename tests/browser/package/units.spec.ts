import { expect, test } from '@playwright/test';
import { DeviceChoice } from '../../../pkg/src/runtime/device-choice.js';
import { timelineCsv } from '../../../pkg/src/text/export.js';
import { clock, titleOf } from '../../../pkg/src/text/format.js';
import type { Host } from '../../../pkg/src/runtime/host.js';
import { momentAt } from '../../../pkg/src/text/moments.js';
import { PALETTE, PAPER } from '../../../pkg/src/element/palette.js';
import { sentence } from '../../../pkg/src/text/texts.js';
import type { Backend, Prediction } from '../../../pkg/src/types.js';
import { contrast, leastDistance } from '../support/colour.js';

for (const [theme, name] of [[0, 'light'], [1, 'dark']] as const) {
  const colours = PALETTE.map((pair) => pair[theme]);

  test(`any two genres can be told apart, colour-blind or not, in ${name}`, () => {
    for (const [i, one] of colours.entries()) {
      for (const other of colours.slice(i + 1)) expect(leastDistance(one, other), `${one} ${other}`).toBeGreaterThan(0.08);
    }
  });

  test(`every genre stands out from the paper in ${name}`, () => {
    for (const colour of colours) expect(contrast(colour, PAPER[theme]), colour).toBeGreaterThan(3);
  });
}

test('times are read as a clock shows them', () => {
  expect([0, 9.99, 61, 3_725].map(clock)).toEqual(['0:00', '0:09', '1:01', '1:02:05']);
});

test('a title is the name without its ending', () => {
  expect(['Song.mp3', 'Vol. 2.flac', 'noending'].map(titleOf)).toEqual(['Song', 'Vol. 2', 'noending']);
});

test('a moment is found by its time, and the last one beyond the end', () => {
  const moments = [0, 2, 4].map((start) => ({ start_seconds: start, end_seconds: start + 2, probabilities: null }));
  expect([0, 1.9, 2, 5, 9].map((seconds) => momentAt(moments, seconds))).toEqual([0, 0, 1, 2, 2]);
});

test('the message of the core becomes a sentence', () => {
  expect(sentence('clip lasts 0.2 s')).toBe('Clip lasts 0.2 s.');
});

test('a genre with a comma is quoted, and a silent moment has empty cells', () => {
  const csv = timelineCsv({
    probabilities: { 'Drum, bass': 0.9, Folk: 0.1 },
    moments: [
      { start_seconds: 0, end_seconds: 2, probabilities: { 'Drum, bass': 0.9, Folk: 0.1 } },
      { start_seconds: 2, end_seconds: 4, probabilities: null },
    ],
  } as unknown as Prediction);
  expect(csv.split('\r\n')).toEqual([
    'start_seconds,end_seconds,label,"Drum, bass",Folk',
    '0.000,2.000,"Drum, bass",0.900000,0.100000',
    '2.000,4.000,,,',
    '',
  ]);
});

test.describe('auto', () => {
  /** A host whose windows of 30 s take these seconds, and what was loaded into it. */
  function host(seconds: Record<Backend, number>): { host: Host; loaded: Backend[] } {
    const loaded: Backend[] = [];
    const card = { network: { input: { audio: { window_seconds: 30 } } }, parts: {} };
    const load = (backend: Backend) => Promise.resolve(loaded.push(backend)).then(() => ({ card }));
    const warmUp = (backend: Backend) => load(backend).then(() => seconds[backend]);
    return { host: { load, warmUp } as unknown as Host, loaded };
  }

  const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');

  test.beforeEach(() => {
    const gpu = { requestAdapter: () => Promise.resolve({}) };
    Object.defineProperty(globalThis, 'navigator', { configurable: true, value: { gpu } });
  });

  // Node 20 has none.
  test.afterEach(() => {
    Object.defineProperty(globalThis, 'navigator', before ?? { configurable: true, value: undefined });
  });

  for (const [cpu, webgpu, faster] of [[0.1, 0.09, 'webgpu'], [0.1, 0.11, 'cpu'], [0.006, 0.0054, 'webgpu']] as const) {
    test(`a long track is for the one that took less time: ${cpu} s on the CPU, ${webgpu} s on the card`, async () => {
      expect(await new DeviceChoice('auto', host({ cpu, webgpu }).host).forTrack('cpu', 7200)).toBe(faster);
    });
  }

  test('a short track never fetches the module of the card', async () => {
    const { host: asked, loaded } = host({ cpu: 0.1, webgpu: 0.001 });
    const choice = new DeviceChoice('auto', asked);
    // Of 30 s every 15 s: 1.9 s of work, and 2.1 s.
    expect(await choice.forTrack('cpu', 285)).toBe('cpu');
    expect(loaded).not.toContain('webgpu');
    expect(await choice.forTrack('cpu', 315)).toBe('webgpu');
  });
});
