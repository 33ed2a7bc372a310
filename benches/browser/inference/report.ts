import { readFileSync } from 'node:fs';
import path from 'node:path';
import { machine } from '../shared/machine.js';
import { median } from '../shared/median.js';
import type { Memory } from '../shared/watch.js';
import { type FirstVisit, VISITS } from './first-visit.js';
import type { ProfileEntry } from './profile.js';
import { HOP, FRAME, N_MELS, N_MFCC } from './page/tasks.js';
import { ROUNDS, type Stages } from './stages.js';

/** Targets: speeds relative to the others, the download of a first visit in MB, and the peak memory relative to the decoded samples. */
const TARGETS = { libraries: 30, ffts: 1 / 3, networks: 1, decoding: 1, megabytes: 1.5, memory: 3 };

/** Format of decoded audio: channels, samples per second and bytes per sample. */
const DECODED = { channels: 2, rate: 44_100, bytes: 4 };

export interface Measured {
  browser: string;
  /** Load average before the benchmark. */
  load: number;
  stages: Stages;
  visit: FirstVisit;
  /** Length of the track for the memory measurement, in seconds. */
  longSeconds: number;
  memory: { before: Memory; peak: Memory } | undefined;
}

/** The whole report, in Markdown. */
export function report(measured: Measured): string {
  const { stages, load } = measured;
  return [
    '# Inference in the browser',
    `${machine(measured.browser)} Load average before the benchmark: ${load.toFixed(1)}.

The clip has ${stages.seconds.toFixed(0)} s, mp3, 44.1 kHz, stereo. All libraries run in workers of the same page, on one thread each, and take turns. Times
are medians of ${ROUNDS} rounds after a warm-up. Features use mono frames of ${FRAME} samples with a hop of ${HOP}, ${N_MELS} bands and ${N_MFCC} coefficients.
The networks have the layers of the shipped ones (except that TensorFlow.js applies the GRU's reset gate before the matrix product), on one window of 30 s. WebGPU uses the software adapter SwiftShader.`,
    timesTable(stages),
    profileTable(stages),
    gpuTable(stages),
    visitTable(measured),
  ].join('\n\n');
}

function timesTable(stages: Stages): string {
  const timeOf = (by: string, task: string) => {
    const timed = stages.timed.find((timed) => timed.by === by && timed.task === task);
    return timed && median(timed.rounds);
  };
  const row = (task: string, ours: number | undefined, library = '', theirs?: number, target?: number) =>
    `| ${task} | ${ms(ours)} | ${library} | ${ms(theirs)} | ${times(ours, theirs)} | ${ms(target)} |`;
  const mfcc = timeOf('ours', 'mfcc');
  const ffts = timeOf('ours', 'ffts');
  const networks = ['cnn', 'rnn'].flatMap((network) => [
    row(`${network.toUpperCase()}, one window`, timeOf('ours', network), version('onnxruntime-web'), timeOf('onnxruntime-web', network), TARGETS.networks),
    row('', timeOf('ours', network), version('@tensorflow/tfjs', 'TensorFlow.js'), timeOf('TensorFlow.js', network), TARGETS.networks),
    row('the same on WebGPU', timeOf('ours, WebGPU', network)),
  ]);
  const failed = Object.entries(stages.failed).map(([name, reason]) => `\n\n${name} failed to start: ${reason}`);
  return `| | Tonearm, ms | compared with | ms | speed relative to it | target |
| --- | --: | --- | --: | --: | --: |
${[
  row('MFCC of the clip', mfcc, version('essentia.js', 'Essentia.js'), timeOf('Essentia.js', 'mfcc'), TARGETS.libraries),
  row('', mfcc, version('meyda', 'Meyda'), timeOf('Meyda', 'mfcc'), TARGETS.libraries),
  row('', mfcc, 'the FFTs alone', ffts, TARGETS.ffts),
  row('mel spectrogram of the clip', timeOf('ours', 'mel'), 'the FFTs alone', ffts, TARGETS.ffts),
  row('resampling to 22.05 kHz', timeOf('ours', 'resample')),
  ...networks,
  row('fusion (the default), one window', timeOf('ours', 'fusion')),
  row('the same on WebGPU', timeOf('ours, WebGPU', 'fusion')),
  row('features and fusion of the clip', timeOf('browser', 'track'), 'decoding the clip', timeOf('browser', 'decode'), TARGETS.decoding),
].join('\n')}${failed.join('')}`;
}

function profileTable({ profile }: Stages): string {
  const row = ({ name, fraction }: ProfileEntry) => `| \`${name}\` | ${(100 * fraction).toFixed(0)} |`;
  return `Profile of the features and the fusion, by Chromium's profiler:

| function, including inlined calls | % |
| --- | --: |
${profile.map(row).join('\n')}`;
}

function gpuTable({ workers, timed }: Stages): string {
  const { gpuCalls = {}, windows = {} } = workers['ours, WebGPU'] ?? {};
  const rows = Object.entries(gpuCalls).map(([network, { dispatches, submissions, readBacks, written, read }]) => {
    const batch = windows[network] ?? 1;
    const onCpu = timed.find((timed) => timed.by === 'ours' && timed.task === network);
    const microseconds = onCpu && (1000 * median(onCpu.rounds) * batch) / dispatches;
    const kilobytes = (bytes: number) => (bytes / 1000).toFixed(0);
    return `| ${network} | ${batch} | ${dispatches} | ${submissions} | ${readBacks} | ${kilobytes(written)} | ${kilobytes(read)} | ${ms(microseconds)} |`;
  });
  return `WebGPU calls of one batch. The last column is the time per dispatch, with all overhead, at which the GPU is as fast as the CPU:

| network | windows | dispatches | submissions | read-backs | KB written | KB read | µs per dispatch |
| --- | --: | --: | --: | --: | --: | --: | --: |
${rows.join('\n')}`;
}

function visitTable({ visit, memory, longSeconds, stages }: Measured): string {
  const total = visit.files.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6;
  const decoded = (longSeconds * DECODED.channels * DECODED.rate * DECODED.bytes) / 1e6;
  const peak = memory && (memory.peak.own - memory.before.own) / decoded;
  return `| | measured | target |
| --- | --: | --: |
| download of a first visit with a prediction on the CPU, MB with brotli | ${total.toFixed(2)} | ${TARGETS.megabytes} |
| time until the page is usable, s | ${visit.usableSeconds.toFixed(1)} | |
| from ${stages.seconds.toFixed(0)} s of mp3 to the prediction, s | ${visit.predictionSeconds.toFixed(1)} | |
| peak memory for ${longSeconds / 60} minutes, relative to the decoded samples (${decoded.toFixed(0)} MB) | ${peak === undefined ? 'not measured' : peak.toFixed(1)} | ${TARGETS.memory} |

Largest files: ${visit.files
    .toSorted((a, b) => b.bytes - a.bytes)
    .slice(0, 5)
    .map(({ path, bytes }) => `\`${path.split('/').at(-1)}\` ${(bytes / 1000).toFixed(0)} KB`)
    .join(', ')}. Times are medians of ${VISITS} visits. Memory is the increase of the private memory of the page's process.`;
}

/** Name of a library and its installed version. */
function version(name: string, title = name): string {
  const file = path.join(import.meta.dirname, '../node_modules', name, 'package.json');
  return `${title} ${JSON.parse(readFileSync(file, 'utf8')).version}`;
}

const ms = (value: number | undefined) => (value === undefined ? '' : number(value));

const times = (ours: number | undefined, theirs: number | undefined) =>
  ours === undefined || theirs === undefined ? '' : number(theirs / ours);

/** Formats a number with three significant digits. */
const number = (value: number) => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));
