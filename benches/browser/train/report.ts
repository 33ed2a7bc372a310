import { machine } from '../shared/machine.js';
import { median } from '../shared/median.js';
import { GOAL, type Example } from './example.js';
import { FILE_SECONDS, type ManyFiles, N_FILES, type Stretch } from './many-files.js';
import { BACKENDS, BATCH, type BackendName, N_ROWS } from './page/shapes.js';
import { type Comparison, type Pace, type Steps, middle } from './steps.js';
import { seconds } from './train-view.js';

/** What is aimed at. */
const AIM = { seconds: 30, megabytes: 500, task: 100 };

/** Processes that wanted a processor, over the minute before each part. */
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
  const right = (share: number | null | undefined) => `${((share ?? 0) * 100).toFixed(0)} %`;
  const at = epochs.find(({ validation_top1 }) => (validation_top1 ?? 0) >= GOAL)?.epoch;
  const part = (start: number, end: number) => seconds({ start, end }).toFixed(1);
  const total = (end: number) => (seconds(adding) + seconds({ start: training.start, end })).toFixed(1);
  return `## The example project

64 sounds of nine seconds, made and heard when "Try the example project" is pressed; then Transfer with its defaults. An epoch counts
from when the page is told of it. Load before it: ${load.toFixed(1)}.

| | seconds | aim |
| --- | --: | --: |
| adding: the sounds are made, their features computed and kept | ${seconds(adding).toFixed(1)} | |
| training: until the CNN has heard all windows and the first epochs are told | ${part(training.start, firstEpoch)} | |
| training: from there to ${right(GOAL)} of the validation windows${at === undefined ? '' : ` (epoch ${at})`} | ${reached === undefined ? 'not reached' : part(firstEpoch, reached)} | |
| **in all, to ${right(GOAL)}** | **${reached === undefined ? 'not reached' : total(reached)}** | ${AIM.seconds} |
| in all, until the run of ${epochs.length} epochs is kept and its result shown (${right(epochs.at(-1)?.validation_top1)} at its end) | ${total(training.end)} | |

Longest main-thread task: ${task(longestWhileAdding)} ms while adding, ${task(longestWhileTraining)} ms while training.`;
}

const NETWORKS: Record<Steps['network'], string> = {
  cnn: 'small CNN on 128 × 128 pictures',
  head: 'head on frozen embeddings, 256 → 4',
};

function stepsTable({ version, renderer, networks }: Comparison, load: number): string {
  const backends: Record<BackendName, string> = { webgl: /SwiftShader|llvmpipe/.test(renderer) ? 'WebGL, drawn by software' : 'WebGL', wasm: 'wasm, SIMD, one thread', cpu: 'cpu, plain JavaScript' };
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
  return `## Steps a second

Both in a worker of one page, by turns: medians of ${networks[0]?.ours.rounds.length ?? 0} rounds of at least 3 s, and the slowest and the
fastest of them. Batches of ${BATCH} from ${N_ROWS} rows in memory, AdamW, dropout 0.3 in the CNN and no augmentation; both let
messages in after each step. Ours is a whole run as the page has it: steps are counted from the end of an epoch to the end of another, and
so the reading of rows from grey levels, a validation on 4 windows after each ${N_ROWS / BATCH} steps, and a state that is saved at most ten
times a second are in its time. TensorFlow.js ${version} has its rows as finished floats, and none of that. The loss is read after each step of its CNN,
and after each ${N_ROWS / BATCH} of the head. WebGL draws with ${renderer}. Load before it: ${load.toFixed(1)}.

| network | by | steps/s | ours is faster by |
| --- | --- | --: | --: |
${rows.join('\n')}`;
}

function pace({ rounds, error }: Pace): string {
  if (error) return `none: ${error}`;
  const sorted = rounds.toSorted((a, b) => a - b);
  return `${number(median(rounds))} (${number(sorted[0] ?? NaN)} to ${number(sorted.at(-1) ?? NaN)})`;
}

function manyTable({ before, adding, training }: ManyFiles, load: number): string {
  const row = (what: string, { span, longestTask, memory }: Stretch) =>
    `| ${what} | ${seconds(span).toFixed(0)} | ${memory ? `${memory.resident.toFixed(0)} (${memory.own.toFixed(0)})` : 'not measured'} | ${task(longestTask)} |`;
  return `## ${N_FILES} files of ${FILE_SECONDS} s

mp3, 44.1 kHz, stereo, in two classes; then Transfer with its defaults. Memory is the most that the renderer process of the page had in
memory, workers and wasm included, looked at ten times a second in \`/proc\`, in MB; in brackets what of it is its own and not libraries
or files. It was ${before ? `${before.resident.toFixed(0)} (${before.own.toFixed(0)})` : 'not measured'} when the page was opened.
Tasks are those of \`PerformanceObserver\`. Load before it: ${load.toFixed(1)}.

| | seconds | memory, MB | longest main-thread task, ms |
| --- | --: | --: | --: |
| aim | | ${AIM.megabytes} | ${AIM.task} |
${row('adding', adding)}
${row('training', training)}`;
}

/** Shorter tasks are not told. */
const task = (ms: number) => (ms <= 50 ? 'under 50' : ms.toFixed(0));

/** Three digits of a number. */
const number = (value: number) => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));
