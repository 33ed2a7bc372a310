import { machine } from '../shared/machine.js';
import { median } from '../shared/median.js';
import { GOAL, type Example } from './example.js';
import { FILE_SECONDS, type ManyFiles, N_FILES, type Phase } from './many-files.js';
import { BACKENDS, BATCH, type BackendName, N_ROWS } from './page/shapes.js';
import { type Comparison, type Pace, type Steps, middle } from './steps.js';
import { seconds } from './train-view.js';

/** Targets: seconds for the example project, memory in MB, and longest main-thread task in milliseconds. */
const TARGETS = { seconds: 30, megabytes: 500, task: 100 };

/** Load average before each part. */
export type Loads = Record<'example' | 'steps' | 'many', number>;

/** The whole report, in Markdown. */
export function report(browser: string, example: Example, steps: Comparison, many: ManyFiles, loads: Loads): string {
  return [
    `# Training in the browser`,
    machine(browser),
    exampleTable(example, loads.example),
    stepsTable(steps, loads.steps),
    manyTable(many, loads.many),
  ].join('\n\n');
}

function exampleTable({ adding, training, longestWhileAdding, longestWhileTraining }: Example, load: number): string {
  const { reached, firstEpoch, epochs } = training;
  const percent = (fraction: number | null | undefined) => `${((fraction ?? 0) * 100).toFixed(0)} %`;
  const at = epochs.find(({ validationTop1 }) => (validationTop1 ?? 0) >= GOAL)?.epoch;
  const part = (start: number, end: number) => seconds({ start, end }).toFixed(1);
  const total = (end: number) => (seconds(adding) + seconds({ start: training.start, end })).toFixed(1);
  return `## The example project

When "Try the example project" is pressed, the page synthesises 64 sounds of nine seconds and computes their features.
It then trains with Transfer and its default settings. An epoch counts from the moment it is reported to the page. Load
average before the benchmark: ${load.toFixed(1)}.

| | seconds | target |
| --- | --: | --: |
| adding: synthesise the sounds, compute and store their features | ${seconds(adding).toFixed(1)} | |
| training: until the CNN has embedded all windows and the first epochs are reported | ${part(training.start, firstEpoch)} | |
| training: from there to ${percent(GOAL)} of the validation windows${at === undefined ? '' : ` (epoch ${at})`} | ${reached === undefined ? 'not reached' : part(firstEpoch, reached)} | |
| **total, to ${percent(GOAL)}** | **${reached === undefined ? 'not reached' : total(reached)}** | ${TARGETS.seconds} |
| total, until the run of ${epochs.length} epochs is saved and its result shown (${percent(epochs.at(-1)?.validationTop1)} at its end) | ${total(training.end)} | |

Longest main-thread task: ${task(longestWhileAdding)} ms while adding, ${task(longestWhileTraining)} ms while training.`;
}

const NETWORKS: Record<Steps['network'], string> = {
  cnn: 'small CNN on 128 × 128 log-mel patches',
  head: 'head on frozen embeddings, 256 → 4',
};

function stepsTable({ version, renderer, networks }: Comparison, load: number): string {
  const backends: Record<BackendName, string> = { webgl: /SwiftShader|llvmpipe/.test(renderer) ? 'WebGL, software rendering' : 'WebGL', wasm: 'wasm, SIMD, one thread', cpu: 'cpu, plain JavaScript' };
  const rows = networks.flatMap(({ network, parameters, ours, theirs }) => {
    const here = middle(ours);
    return [
      `| ${NETWORKS[network]}, ${parameters} parameters | Tonearm, wasm, SIMD, one thread | ${pace(ours)} | |`,
      ...BACKENDS.map((backend) => {
        const there = middle(theirs[backend]);
        const ratio = here !== undefined && there !== undefined ? number(here / there) : '';
        return `| | TensorFlow.js, ${backends[backend]} | ${pace(theirs[backend])} | ${ratio} |`;
      }),
    ];
  });
  return `## Steps per second

Both libraries run in workers of the same page and take turns. Each figure is the median of ${networks[0]?.ours.rounds.length ?? 0} rounds of at least 3 s,
with the slowest and the fastest round in brackets. Both train with batches of ${BATCH} from ${N_ROWS} rows in memory, AdamW, dropout 0.3
in the CNN and no augmentation, and both yield to incoming messages after each step.

Tonearm is measured on a complete run, as in the page. Its steps are counted from the end of one epoch to the end of another, so
its time includes converting rows from 8-bit values, a validation on 4 windows after every ${N_ROWS / BATCH} steps, and saving a
checkpoint at most ten times a second. TensorFlow.js ${version} reads rows that are already floats and does none of this; its
loss is read after each step of the CNN, and after every ${N_ROWS / BATCH} steps of the head.
WebGL renderer: ${renderer}. Load average before the benchmark: ${load.toFixed(1)}.

| network | library | steps/s | Tonearm's speed relative to it |
| --- | --- | --: | --: |
${rows.join('\n')}`;
}

function pace({ rounds, error }: Pace): string {
  if (error) return `none: ${error}`;
  const sorted = rounds.toSorted((a, b) => a - b);
  return `${number(median(rounds))} (${number(sorted[0] ?? NaN)} to ${number(sorted.at(-1) ?? NaN)})`;
}

function manyTable({ before, adding, training }: ManyFiles, load: number): string {
  const row = (what: string, { span, longestTask, memory }: Phase) =>
    `| ${what} | ${seconds(span).toFixed(0)} | ${memory ? `${memory.resident.toFixed(0)} (${memory.own.toFixed(0)})` : 'not measured'} | ${task(longestTask)} |`;
  return `## ${N_FILES} files of ${FILE_SECONDS} s

The project has mp3 files, 44.1 kHz, stereo, in two classes, and trains with Transfer and its default settings. Memory is the peak resident
memory of the page's renderer process in MB, workers and wasm included, sampled ten times a second from \`/proc\`; the part in brackets is
private to the process, without libraries and files. It was ${before ? `${before.resident.toFixed(0)} (${before.own.toFixed(0)})` : 'not measured'} when the page was opened.
\`PerformanceObserver\` reports the tasks. Load average before the benchmark: ${load.toFixed(1)}.

| | seconds | memory, MB | longest main-thread task, ms |
| --- | --: | --: | --: |
| target | | ${TARGETS.megabytes} | ${TARGETS.task} |
${row('adding', adding)}
${row('training', training)}`;
}

/** Formats the duration of a task. Browsers do not report tasks of up to 50 ms. */
const task = (ms: number) => (ms <= 50 ? 'under 50' : ms.toFixed(0));

/** Formats a number with three significant digits. */
const number = (value: number) => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));
