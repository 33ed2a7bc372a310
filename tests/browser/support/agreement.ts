import { execFileSync } from 'node:child_process';
import { fixture, mp3, wav } from './audio.js';
import { parseBinaryJson } from './binary-json.js';
import { BINARY, weightsOf } from './paths.js';
import { type Answer, expect, test } from './pages/tonearm.js';

/** Largest difference of a probability, since the page and the binary sum in another order. */
const TOLERANCE = 1e-3;

/** Sample rates that are upsampled and downsampled, and the one that is not resampled. */
const RATES = [8_000, 16_000, 22_050, 44_100, 48_000, 96_000];

/** Classifies a file with the binary and one of the shipped networks. */
export function binaryAnswer(file: string, network = 'fusion'): Answer {
  const text = execFileSync(BINARY, ['classify', file, '--weights', weightsOf(network), '--json'], { encoding: 'utf8' });
  return parseBinaryJson(text);
}

/** Classifies each row of a table with the binary and one of the shipped networks. */
export function binaryRows(table: string, network: string): { label: string; probabilities: Record<string, number> }[] {
  const text = execFileSync(BINARY, ['classify', table, '--weights', weightsOf(network), '--json'], { encoding: 'utf8' });
  return text.trim().split('\n').map((line) => JSON.parse(line) as ReturnType<typeof binaryRows>[number]);
}

/** Largest difference between the probabilities of two predictions, over the track and its timeline. */
export function difference(a: Answer, b: Answer): number {
  expect(a.timeline).toHaveLength(b.timeline.length);
  const pairs = [[a.probabilities, b.probabilities], ...a.timeline.map((step, i) => [step.probabilities, b.timeline[i]!.probabilities])];
  const differences = pairs.flatMap(([x, y]) =>
    Object.keys({ ...x, ...y }).map((label) => Math.abs((x?.[label] ?? NaN) - (y?.[label] ?? NaN))),
  );
  expect(differences.every(Number.isFinite), 'the same genres in the same steps').toBe(true);
  return Math.max(...differences);
}

/** Defines the tests that the page, with one backend, agrees with the binary. */
export function agreeWithBinary(backend: 'cpu' | 'webgpu') {
  const files: [string, string][] = [
    ['mp3 at 44.1 kHz', fixture('agree.mp3', mp3({ seconds: 30 }))],
    ...RATES.map((sampleRate): [string, string] => [
      `wav at ${sampleRate / 1000} kHz`,
      fixture(`agree-${sampleRate}.wav`, wav({ seconds: 20, sampleRate })),
    ]),
  ];
  // The fusion is tested at every rate, and each single network at one rate.
  const [mp3File] = files;
  const cases = [...files.map((file) => [...file, 'fusion'] as const), ...['cnn', 'rnn'].map((name) => [...mp3File!, name] as const)];
  for (const [what, file, network] of cases) {
    test(`the page on ${backend} and the binary classify ${what} alike with ${network}`, async ({ tonearm }) => {
      await tonearm.open(`?backend=${backend}&network=${network}`);
      const answer = await tonearm.classify(file);
      expect(answer.backend).toBe(backend);
      expect(answer.fallback).toBeNull();
      const expected = binaryAnswer(file, network);
      expect(difference(answer, expected)).toBeLessThan(TOLERANCE);
      expect(Object.keys(answer.estimates ?? {})).toEqual(Object.keys(expected.estimates ?? {}));
      for (const [name, value] of Object.entries(expected.estimates ?? {})) expect(answer.estimates?.[name]).toBeCloseTo(value, 3);
    });
  }
}
