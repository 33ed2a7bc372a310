import type { OptimizerName, RecipeName, TrainSettings } from 'tonearm/project';
import type { TrainRun } from './runs-table.js';
import { deviceNames } from '../texts.js';

/** A share in per cent; a line does not end before the sign. */
const percent = (share: number, digits = 0) => `${(share * 100).toFixed(digits)}\u00a0%`;

/** A difference with its sign. */
const signed = (value: number, digits: number, unit = '') =>
  `${value > 0 ? '+' : ''}${value.toFixed(digits)}`.replace('-', '−').replace(/^[+−](0(\.0+)?)$/, '$1') + (unit && `\u00a0${unit}`);

const files = (n: number) => (n === 1 ? '1 file' : `${n} files`);

const OPTIMIZERS: Record<OptimizerName, string> = { adamw: 'AdamW', adam: 'Adam', sgd: 'SGD', momentum: 'SGD with momentum' };

/** Every text of what a training run came to, in one place so that it can be translated. */
export const seeingTexts = {
  percent,
  play: 'Play',
  stop: 'Stop',
  playFile: (name: string) => `Play ${name}`,
  stopFile: (name: string) => `Stop ${name}`,
  none: '–',
  unknownFile: (place: number) => `File ${place + 1}`,

  curves: {
    loss: 'Loss',
    right: 'Windows right',
    training: 'Training',
    validation: 'Validation',
    epoch: 'Epoch',
    atEpoch: (epoch: number) => `epoch ${epoch}`,
    best: (epoch: number) => `best: ${epoch}`,
    fold: (fold: number, folds: number) =>
      fold > folds ? `After ${folds} folds: the network on all files` : `Fold ${fold} of ${folds}`,
    waiting: 'No epoch yet.',
    valueOf: (name: string, value: string) => `${name} ${value}`,
    summary: (title: string, epoch: number, values: string[], best: number | undefined) =>
      `${title} up to epoch ${epoch}: ${values.join(', ')}.${best === undefined ? '' : ` The best so far is epoch ${best}.`}`,
  },

  confusion: {
    caption: 'Rows are true classes, columns answers, in files. The deeper the colour, the larger the share of the row.',
    name: 'Confusion matrix',
    total: 'Files',
    cell: (truth: string, answer: string, n: number, share: number) => `${files(n)}, ${percent(share)} of ${truth}, answered ${answer}`,
  },

  scores: {
    name: 'Figures of each class',
    columns: ['Class', 'Files', 'Precision', 'Recall', 'F1'],
    right: 'Right',
    rightOf: (right: number, n: number) => `${right} of ${files(n)}`,
    interval: (low: string, high: string) => `95 % interval: ${low} to ${high}`,
    top3: 'Among first three',
    balanced: 'Balanced',
    macroF1: 'Macro F1',
    ece: 'Calibration error',
    tooFew: 'too few',
    neverAnswered: 'never answered',
    noFiles: 'none kept back',
    nothing: 'No file was kept back, so nothing was measured.',
    fewFiles: (n: number) =>
      `Only ${files(n)} measured, too few to mean much: one file more or less right moves this by ${Math.round(100 / n)} points.`,
    fewOfClass: (classes: { label: string; n: number }[]) =>
      `Too few files to judge a class by: ${classes.map(({ label, n }) => `${label} (${n})`).join(', ')}.`,
  },

  reliability: {
    name: 'Confidence and truth',
    caption: 'On the line, answers are right as often as they are sure. Below it they are too sure, above it not sure enough. The larger the dot, the more files.',
    confidence: 'How sure',
    right: 'Right',
    columns: ['How sure', 'Files', 'On average', 'Right'],
    range: (low: number, high: number) => `${Math.round(low * 100)} to ${percent(high)}`,
    none: 'No answers to compare.',
    summary: (above: number, below: number, n: number) =>
      `Of ${files(n)}, ${above} are in bins that are right more often than they are sure, and ${below} in bins that are too sure.`,
  },

  mistakes: {
    name: 'The most confident wrong answers',
    taken: (truth: string, answer: string, confidence: number) => ({ truth, rest: `taken for ${answer}, ${percent(confidence)} sure` }),
    none: 'No wrong answers.',
  },

  map: {
    name: 'Map of the files',
    what: (rows: boolean) => (rows ? 'Rows that are alike are near each other.' : 'Files that sound alike to the network are near each other.'),
    many: 'So many are drawn along the two directions in which they differ most.',
    hint: 'Point at a file to read its name, choose it to hear it.',
    learned: (n: number) => `Learned from (${n})`,
    kept: (n: number) => `Kept back (${n})`,
    learnedOne: 'learned from',
    keptOne: 'kept back',
    answer: (label: string, confidence: number) => `answered ${label}, ${percent(confidence)} sure`,
    columns: ['File', 'Hear', 'Class', 'Used', 'Answer', 'Nearest on the map'],
  },

  runs: {
    name: 'Training runs',
    caption: 'The chosen run is the model that this project listens with.',
    columns: { model: 'Model', started: 'Started', settings: 'Settings', epochs: 'Epochs', right: 'Right', status: 'Status', compare: 'Compare', remove: 'Delete' },
    started: (at: number) => new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' }).format(at),
    use: (started: string) => `Use the run of ${started}`,
    compare: (started: string) => `Compare the run of ${started}`,
    remove: 'Delete',
    removeRun: (started: string) => `Delete the run of ${started}`,
    recipes: {
      transfer: 'A layer on the shipped CNN',
      'fine-tune': 'The last blocks of the shipped CNN',
      cnn: 'A CNN from nothing',
      rnn: 'An RNN from nothing',
      mlp: 'MLPs from nothing',
    } satisfies Record<RecipeName, string>,
    backends: deviceNames,
    made: (recipe: string, backend: string) => `${recipe}, on the ${backend}`,
    settings: ({ recipe, optimizer, learning_rate, batch, weight_decay, dropout, augment, validation, folds, patience, seed }: TrainSettings) =>
      [
        `${OPTIMIZERS[optimizer]} at ${learning_rate}`,
        `batch ${batch}`,
        `weight decay ${weight_decay}`,
        // Those that the recipe has.
        ...(recipe === 'cnn' || recipe === 'rnn' || recipe === 'mlp' ? [`dropout ${dropout}`] : []),
        ...(recipe === 'transfer' || recipe === 'mlp' ? [] : [augment ? 'augmented' : 'not augmented']),
        folds > 0 ? `${folds} folds` : `${percent(validation)} kept back`,
        `patience ${patience}`,
        `seed ${seed}`,
      ].join(', '),
    epochs: (done: number, most: number) => `${done} of ${most}`,
    fold: (fold: number, folds: number) => (fold > folds ? 'all files' : `fold ${fold} of ${folds}`),
    kept: (epoch: number) => `kept: ${epoch}`,
    of: (n: number) => `of ${files(n)}`,
    status: { running: 'Running', paused: 'Paused', done: 'Done', stopped: 'Stopped', failed: 'Failed' } satisfies Record<TrainRun['status'], string>,
    none: 'No runs yet.',
  },

  comparison: {
    name: 'Two runs compared',
    /** What the runs are called, the earlier first. */
    letters: ['A', 'B'],
    chooseTwo: 'Choose two runs to see them beside each other.',
    chooseAnother: 'Choose one more run to compare it with.',
    shown: 'The two runs are compared below the table.',
    difference: 'B − A',
    settings: 'Settings that differ',
    sameSettings: 'The settings are the same.',
    setting: 'Setting',
    yesNo: (is: boolean) => (is ? 'yes' : 'no'),
    scores: 'Figures',
    figure: 'Figure',
    measured: 'Files measured',
    intervals: '95 % interval',
    interval: (low: string, high: string) => `${low} to ${high}`,
    points: (share: number) => signed(share * 100, 0, 'points'),
    change: (value: number) => signed(value, 2),
    classes: 'F1 of each class',
    classColumns: ['Class', 'Files'],
    curves: 'How they learned',
    line: (letter: string, what: string) => `${letter}, ${what.toLowerCase()}`,
    foldOf: (letter: string, fold: string) => `${letter}: ${fold}.`,
    files: 'Files on which they disagree',
    same: (n: number) => `Both were measured on the same ${files(n)}.`,
    notSame: (both: number, onlyA: number, onlyB: number) =>
      both === 0
        ? 'No file was measured in both runs, so one cannot be called better than the other by these figures.'
        : `They were not measured on the same files: ${both} in both, ${onlyA} in A alone, ${onlyB} in B alone. Which of them is better, these figures cannot tell.`,
    otherTruth: 'The classes, or what belongs to them, changed between the runs, so they were asked different things.',
    better: (a: number, b: number, n: number) => `Of ${files(n)} that both were measured on, A alone has ${a} right, and B alone ${b}.`,
    chance: (share: number) => `Two equally good networks would differ by that much or more in ${percent(share)} of cases, so it may be chance.`,
    noChance: 'Two equally good networks would seldom differ by that much.',
    agree: 'They answer the same, or are both right, for every file of both.',
    verdict: (answer: string, confidence: number) => `${answer}, ${percent(confidence)} sure`,
    right: 'right',
    wrong: 'wrong',
  },
};
