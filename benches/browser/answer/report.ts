import { readFileSync } from 'node:fs';
import path from 'node:path';
import { machine } from '../shared/machine.js';
import { median } from '../shared/median.js';
import type { Memory } from '../shared/watch.js';
import { type FirstVisit, VISITS } from './first-visit.js';
import type { Share } from './profile.js';
import { HOP, FRAME, N_MELS, N_MFCC } from './page/tasks.js';
import { ROUNDS, type Stages } from './stages.js';

/** What is aimed at: how many times as fast ours is to be, and bytes. */
const AIMS = { libraries: 30, ffts: 1 / 3, networks: 1, decoding: 1, megabytes: 1.5, memory: 3 };

/** Samples of a decoded second, and the bytes of one. */
const DECODED = { channels: 2, rate: 44_100, bytes: 4 };

export interface Measured {
  browser: string;
  /** Processes that wanted a processor in the minute before. */
  load: number;
  stages: Stages;
  visit: FirstVisit;
  /** Length of the track whose memory was watched, in seconds. */
  longSeconds: number;
  memory: { before: Memory; most: Memory } | undefined;
}

/** The whole report, in Markdown. */
export function report(measured: Measured): string {
  const { stages, load } = measured;
  return [
    '# Answering in the browser',
    `${machine(measured.browser)} Load before it: ${load.toFixed(1)}.

One clip of ${stages.seconds.toFixed(0)} s, mp3, 44.1 kHz, stereo, all in one page by turns, each library in a worker of its own on one thread:
medians of ${ROUNDS} rounds after one that does not count. Frames of ${FRAME} samples with a hop of ${HOP}, ${N_MELS} bands, ${N_MFCC} coefficients, mono;
the networks are the shipped ones there and here, layer for layer (TensorFlow.js has the GRU's reset gate before the product), on one window of 30 s. WebGPU is a software adapter, SwiftShader.`,
    timesTable(stages),
    profileTable(stages),
    askedTable(stages),
    visitTable(measured),
  ].join('\n\n');
}

function timesTable(stages: Stages): string {
  const of = (by: string, task: string) => {
    const timed = stages.timed.find((timed) => timed.by === by && timed.task === task);
    return timed && median(timed.rounds);
  };
  /** What ours is and takes, and who takes how long for the same. */
  const row = (what: string, ours: number | undefined, by = '', theirs?: number, aim?: number) =>
    `| ${what} | ${ms(ours)} | ${by} | ${ms(theirs)} | ${times(ours, theirs)} | ${ms(aim)} |`;
  const mfcc = of('ours', 'mfcc');
  const ffts = of('ours', 'ffts');
  const networks = ['cnn', 'rnn'].flatMap((network) => [
    row(`${network.toUpperCase()}, one window`, of('ours', network), version('onnxruntime-web'), of('onnxruntime-web', network), AIMS.networks),
    row('', of('ours', network), version('@tensorflow/tfjs', 'TensorFlow.js'), of('TensorFlow.js', network), AIMS.networks),
    row('the same on WebGPU', of('ours, WebGPU', network)),
  ]);
  const failed = Object.entries(stages.failed).map(([name, reason]) => `\n\n${name} did not begin: ${reason}`);
  return `| | Tonearm, ms | compared with | ms | speed relative to it | target |
| --- | --: | --- | --: | --: | --: |
${[
  row('MFCC of the clip', mfcc, version('essentia.js', 'Essentia.js'), of('Essentia.js', 'mfcc'), AIMS.libraries),
  row('', mfcc, version('meyda', 'Meyda'), of('Meyda', 'mfcc'), AIMS.libraries),
  row('', mfcc, 'the FFTs alone', ffts, AIMS.ffts),
  row('mel spectrogram of the clip', of('ours', 'mel'), 'the FFTs alone', ffts, AIMS.ffts),
  row('resampling to 22.05 kHz', of('ours', 'resample')),
  ...networks,
  row('fusion (the default), one window', of('ours', 'fusion')),
  row('the same on WebGPU', of('ours, WebGPU', 'fusion')),
  row('features and fusion of the clip', of('browser', 'track'), 'decoding the clip', of('browser', 'decode'), AIMS.decoding),
].join('\n')}${failed.join('')}`;
}

function profileTable({ profile }: Stages): string {
  const row = ({ name, share }: Share) => `| \`${name}\` | ${(100 * share).toFixed(0)} |`;
  return `Where the time of features and fusion goes, by Chromium's profiler:

| function, including inlined calls | % |
| --- | --: |
${profile.map(row).join('\n')}`;
}

function askedTable({ begun, timed }: Stages): string {
  const { asked = {}, windows = {} } = begun['ours, WebGPU'] ?? {};
  const rows = Object.entries(asked).map(([network, { dispatches, submissions, readBacks, written, read }]) => {
    const together = windows[network] ?? 1;
    const onCpu = timed.find((timed) => timed.by === 'ours' && timed.task === network);
    const microseconds = onCpu && (1000 * median(onCpu.rounds) * together) / dispatches;
    const kilobytes = (bytes: number) => (bytes / 1000).toFixed(0);
    return `| ${network} | ${together} | ${dispatches} | ${submissions} | ${readBacks} | ${kilobytes(written)} | ${kilobytes(read)} | ${ms(microseconds)} |`;
  });
  return `What a step asks of a graphics card, and what a dispatch may cost there with all that comes with it before the CPU is ahead:

| network | windows | dispatches | submissions | read-backs | KB written | KB read | µs per dispatch |
| --- | --: | --: | --: | --: | --: | --: | --: |
${rows.join('\n')}`;
}

function visitTable({ visit, memory, longSeconds, stages }: Measured): string {
  const total = visit.files.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6;
  const decoded = (longSeconds * DECODED.channels * DECODED.rate * DECODED.bytes) / 1e6;
  const peak = memory && (memory.most.own - memory.before.own) / decoded;
  return `| | measured | target |
| --- | --: | --: |
| first visit up to the answer on the CPU, MB in brotli | ${total.toFixed(2)} | ${AIMS.megabytes} |
| until the page is usable, s | ${visit.usableSeconds.toFixed(1)} | |
| from ${stages.seconds.toFixed(0)} s of mp3 to the answer, s | ${visit.answerSeconds.toFixed(1)} | |
| peak memory for ${longSeconds / 60} minutes, relative to the decoded samples (${decoded.toFixed(0)} MB) | ${peak === undefined ? 'not measured' : peak.toFixed(1)} | ${AIMS.memory} |

Largest files: ${visit.files
    .toSorted((a, b) => b.bytes - a.bytes)
    .slice(0, 5)
    .map(({ path, bytes }) => `\`${path.split('/').at(-1)}\` ${(bytes / 1000).toFixed(0)} KB`)
    .join(', ')}. Times are medians of ${VISITS} visits. Memory is what the process of the page had of its own, beyond what it had before.`;
}

/** A library with the version that is installed. */
function version(name: string, title = name): string {
  const file = path.join(import.meta.dirname, '../node_modules', name, 'package.json');
  return `${title} ${JSON.parse(readFileSync(file, 'utf8')).version}`;
}

const ms = (value: number | undefined) => (value === undefined ? '' : number(value));

const times = (ours: number | undefined, theirs: number | undefined) =>
  ours === undefined || theirs === undefined ? '' : number(theirs / ours);

/** Three digits of a number. */
const number = (value: number) => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));
