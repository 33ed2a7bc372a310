import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from '@playwright/test';
import type { Metadata, Prediction } from 'tonearm';
import { samplesOfWav } from '../../../pkg/src/audio/wav.js';
import { binaryAnswer, binaryRows, difference } from '../support/agreement.js';
import { fixture, mp3, wav } from '../support/audio.js';
import { armPanics } from '../support/panics.js';
import { PACKAGE, weightsOf } from '../support/paths.js';
import type { Answer } from '../support/pages/tonearm.js';
import { replaceText } from '../support/weights.js';

/** Runs a program in Node with the variables `engine` and `file`, and parses what it prints as JSON. */
function inNode(program: string, file: string): unknown {
  const whole = `
    import { Engine } from 'tonearm/node';
    const file = process.argv[1];
    const engine = new Engine();
    ${program}
    engine.close();`;
  const node = [process.execPath, ['--input-type=module', '--eval', whole, file]] as const;
  return JSON.parse(execFileSync(...node, { cwd: import.meta.dirname, encoding: 'utf8', timeout: 60_000 }));
}

test('Node and the binary classify a wav file alike, and Node exits', () => {
  const file = fixture('node.wav', wav({ seconds: 40, sampleRate: 22_050 }));
  const answer = inNode(
    `const { peaks, ...answer } = await engine.classify(file);
    console.log(JSON.stringify(answer));`,
    file,
  ) as Answer & { spectrogram: unknown };
  expect(answer.spectrogram).toBeNull();
  expect(answer.backend).toBe('cpu');
  expect(difference(answer, binaryAnswer(file))).toBeLessThan(1e-3);
});

test('fields have camelCase names, and names of genres stay as they are', () => {
  const renamed = replaceText(readFileSync(weightsOf('cnn')), '"Folk"', () => '"F_lk"');
  const weights = fixture('renamed.bpk', renamed);
  const file = fixture('names.wav', wav({ seconds: 6 }));
  const { prediction, metadata } = inNode(
    `engine.close();
    const named = new Engine({ weights: ${JSON.stringify(weights)} });
    const [prediction, metadata] = [await named.classify(file), await named.metadata()];
    console.log(JSON.stringify({ prediction, metadata }));
    named.close();`,
    file,
  ) as { prediction: Prediction; metadata: Metadata };
  expect(metadata.labels).toContain('F_lk');
  expect(Object.keys(prediction.probabilities!)).toEqual(metadata.labels);
  expect(prediction.timeline[0]!.startSeconds).toBe(0);
  expect(prediction.mapPosition!.neighbours[0]!.trackId).toEqual(expect.any(Number));
  expect(metadata.modelCard.figures[0]!.macroF1).toEqual(expect.any(Number));
  expect(namesIn({ prediction, metadata }).filter((name) => name.includes('_') && name !== 'F_lk')).toEqual([]);
});

/** Names of all fields in plain data. */
function namesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, field]) => [name, ...namesIn(field)]);
}

test('a wav file can be passed as a URL', () => {
  const label = inNode(
    `console.log(JSON.stringify((await engine.classify(file)).label));`,
    pathToFileURL(fixture('named.wav', wav({ seconds: 6 }))).href,
  );
  expect(label).toEqual(expect.any(String));
});

test('samples can be classified in Node and are not modified', () => {
  const [label, length] = inNode(
    `const samples = new Float32Array(44_100 * 3).map((_, i) => Math.sin(i / 9));
    const { label } = await engine.classify({ channels: [samples], sampleRate: 44_100 });
    console.log(JSON.stringify([label, samples.length]));`,
    '',
  ) as [string, number];
  expect(label).toEqual(expect.any(String));
  expect(length).toBe(44_100 * 3);
});

for (const network of ['mlp-eleven', 'mlp-four', 'mlp-rock-electronic']) {
  test(`Node and the binary compute the same probabilities for table rows with ${network}`, () => {
    const header = 'acousticness,danceability,energy,instrumentalness,liveness,speechiness,tempo,valence';
    const rows = Array.from({ length: 50 }, (_, row) => Array.from({ length: 8 }, (_, column) => (((row * 37 + column * 53) % 97) / 97) * (column === 6 ? 250 : 1)));
    const table = fixture(`rows-${network}.csv`, [header, ...rows.map((row) => row.join(','))].join('\n'));
    const answers = inNode(
      `engine.close();
      const mlp = new Engine({ network: '${network}' });
      console.log(JSON.stringify(await mlp.classifyRows(${JSON.stringify(rows)})));
      mlp.close();`,
      '',
    ) as Record<string, number>[];
    const expected = binaryRows(table, network);
    expect(answers).toHaveLength(50);
    for (const [row, answer] of answers.entries()) {
      for (const [label, probability] of Object.entries(expected[row]!.probabilities)) expect(Math.abs(answer[label]! - probability)).toBeLessThan(1e-4);
    }
  });
}

test('the main entry works in Node, and exports the same names as in browsers', () => {
  const program = `
    import * as all from 'tonearm';
    const engine = new all.Engine();
    const label = await engine.classify(process.argv[1]).then(({ label }) => label);
    engine.close();
    console.log(JSON.stringify({ label, names: Object.keys(all) }));`;
  const file = fixture('main.wav', wav({ seconds: 6 }));
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', program, file], { cwd: import.meta.dirname, encoding: 'utf8', timeout: 60_000 });
  const { label, names } = JSON.parse(output) as { label: unknown; names: string[] };
  expect(label).toEqual(expect.any(String));
  expect(names).toContain('TrainingClient');
  const browser = readFileSync(path.join(PACKAGE, 'dist/index.js'), 'utf8').match(/export \{([^}]*)\};?\s*$/)![1]!;
  expect(names.sort()).toEqual(browser.split(',').map((name) => name.trim()).sort());
});

test('a classifier can be trained in Node', () => {
  const files = Array.from({ length: 10 }, (_, i) => fixture(`train-${i}.wav`, wav({ seconds: 4 + i / 4, channels: 1, noise: i % 2 === 1 })));
  const program = `
    import { Engine, TrainingClient } from 'tonearm';
    const files = process.argv.slice(1);
    const client = new TrainingClient();
    const project = { name: 'Mine', classes: ['Tune', 'Noise'], files: [], table: null };
    for (const [i, name] of files.entries()) {
      const { features, seconds, artist } = await client.features(name);
      project.files.push({ name, class: i % 2, artist, seconds, features });
    }
    const { weights } = await client.train(project, await client.settings('transfer', 'quick')).done;
    client.close();
    const engine = new Engine({ weights });
    console.log((await engine.classify(files[1])).label);
    engine.close();`;
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', program, ...files], { cwd: import.meta.dirname, encoding: 'utf8', timeout: 100_000 });
  expect(output).toBe('Noise\n');
});

test('a relative folder of the package is rejected in Node', () => {
  const program = "import { Engine } from 'tonearm'; try { new Engine({ assets: './copy/' }); } catch (error) { console.log(error.message); }";
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', program], { cwd: import.meta.dirname, encoding: 'utf8' });
  expect(output).toContain('is not a valid URL of a folder');
});

test('the element can be imported in Node', () => {
  const output = execFileSync(process.execPath, ['--eval', "import('tonearm/element').then((all) => console.log(Object.keys(all)[0]))"], { cwd: import.meta.dirname, encoding: 'utf8' });
  expect(output).toBe('ToneArm\n');
});

test('Node recovers from a panic and reports a second one', () => {
  const results = inNode(
    `(${armPanics.toString()})();
    const label = () => engine.classify(file).then(({ label }) => label, ({ code }) => code);
    core.panics = 1;
    const first = await label();
    core.panics = 2;
    console.log(JSON.stringify([first, await label(), await label()]));`,
    fixture('panic.wav', wav({ seconds: 6 })),
  );
  const genre = expect.stringMatching(/^[A-Z]/);
  expect(results).toEqual([genre, 'worker', genre]);
});

for (const [what, file] of [
  ['an mp3 file', fixture('node.mp3', mp3({ seconds: 2 }))],
  ['a wav file with a truncated header', fixture('cut.wav', wav({ seconds: 2 }).slice(0, 30))],
  ['a file that does not exist', '/nowhere.wav'],
] as const) {
  test(`${what} is rejected in Node with a message`, () => {
    const message = inNode('await engine.classify(file).catch((error) => console.log(JSON.stringify(`${error.name}: ${error.message}`)));', file);
    expect(message).toMatch(what.endsWith('exist') ? /^TonearmError: .*could not be read \(\/nowhere.wav\)\./ : /^TonearmError: .*not a supported wav file/);
  });
}

/** A mono wav file with a format code, a number of bits per sample and a function that writes a sample. */
function wavOf(code: number, bits: number, samples: number[], write: (view: DataView, at: number, sample: number) => void): Uint8Array {
  const width = bits / 8;
  const view = new DataView(new ArrayBuffer(44 + samples.length * width));
  const text = (at: number, letters: string) => [...letters].forEach((letter, i) => view.setUint8(at + i, letter.charCodeAt(0)));
  text(0, 'RIFF');
  text(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, code, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, 48_000, true);
  view.setUint16(34, bits, true);
  text(36, 'data');
  view.setUint32(40, samples.length * width, true);
  samples.forEach((sample, i) => write(view, 44 + i * width, sample));
  return new Uint8Array(view.buffer);
}

const SAMPLES = [0, 0.5, -0.5, -1];

const FORMATS: [number, number, (view: DataView, at: number, sample: number) => void][] = [
  [1, 8, (view, at, sample) => view.setUint8(at, 128 + sample * 2 ** 7)],
  [1, 16, (view, at, sample) => view.setInt16(at, sample * 2 ** 15, true)],
  [
    1,
    24,
    (view, at, sample) => {
      view.setUint16(at, (sample * 2 ** 23) & 0xffff, true);
      view.setInt8(at + 2, Math.floor(sample * 2 ** 7));
    },
  ],
  [1, 32, (view, at, sample) => view.setInt32(at, sample * 2 ** 31, true)],
  [3, 32, (view, at, sample) => view.setFloat32(at, sample, true)],
  [3, 64, (view, at, sample) => view.setFloat64(at, sample, true)],
];

for (const [code, bits, write] of FORMATS) {
  test(`a wav file with ${bits}-bit ${code === 1 ? 'integer' : 'float'} samples can be read`, () => {
    const { channels, sampleRate } = samplesOfWav(wavOf(code, bits, SAMPLES, write));
    expect(sampleRate).toBe(48_000);
    expect(channels.map((channel) => [...channel])).toEqual([SAMPLES]);
  });
}
