import type { RecipeName, TrainSettings } from 'tonearm/project';
import type { RunRecord } from '../train/store/records.js';
import { decimal, deviceNames, files, percent, train } from './train.js';

const differences = [0, 2].map((digits) => new Intl.NumberFormat('en', { signDisplay: 'exceptZero', minimumFractionDigits: digits, maximumFractionDigits: digits }));

/** A difference with its sign, and a true minus sign. */
const signed = (value: number, format: Intl.NumberFormat | undefined) => format?.format(value).replace('-', '−') ?? '';

const dateTime = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

const list = new Intl.ListFormat('en', { style: 'short', type: 'unit' });

/** Texts of the report on a run, the list of runs and the comparison of two runs. */
export const report = {
  percent,
  decimal,
  play: 'Play',
  stop: 'Stop',
  playFile: (name: string) => `Play ${name}`,
  stopFile: (name: string) => `Stop ${name}`,
  none: '–',
  unknownFile: (index: number) => `File ${index + 1}`,

  curves: {
    loss: 'Loss',
    accuracy: 'Window accuracy',
    training: 'Training',
    validation: 'Validation',
    epoch: 'Epoch',
    atEpoch: (epoch: number) => `epoch ${epoch}`,
    best: (epoch: number) => `best: ${epoch}`,
    fold: (fold: number, folds: number) => (fold > folds ? `Trained on all files, after ${folds} folds` : `Fold ${fold} of ${folds}`),
    value: (name: string, value: string) => `${name} ${value}`,
    noEpochs: (title: string) => `${title}. No epochs yet.`,
    summary: (title: string, epoch: number, values: string[]) => `${title} up to epoch ${epoch}: ${list.format(values)}.`,
    summaryWithBest: (title: string, epoch: number, values: string[], best: number) =>
      `${title} up to epoch ${epoch}: ${list.format(values)}. The best epoch so far is ${best}.`,
  },

  confusion: {
    caption: 'Rows are true classes, columns are predictions, and cells count files. A deeper colour is a larger fraction of the row.',
    name: 'Confusion matrix',
    total: 'Files',
    cell: (truth: string, predicted: string, n: number, fraction: number) => `${files(n)}, ${percent(fraction)} of ${truth}, predicted as ${predicted}`,
  },

  scores: {
    name: 'Metrics of each class',
    columns: ['Class', 'Files', 'Precision', 'Recall', 'F1'],
    accuracy: 'Accuracy',
    correct: (correct: number, n: number) => `${correct} of ${files(n)} correct`,
    correctWithInterval: (correct: number, n: number, low: string, high: string) => `${correct} of ${files(n)} correct; 95\u00a0% interval: ${low} to ${high}`,
    top3: 'Top-3 accuracy',
    balanced: 'Balanced accuracy',
    macroF1: 'Macro F1',
    ece: 'Calibration error',
    tooFew: 'too few',
    neverPredicted: 'never predicted',
    noFiles: 'no validation files',
    nothing: 'There are no validation files, so nothing was measured.',
    fewFiles: (n: number) => `Only ${files(n)} tested, too few for a reliable score: one more or less correct changes it by ${Math.round(100 / n)} points.`,
    fewOfClass: (classes: { label: string; n: number }[]) =>
      `Too few files to judge these classes: ${list.format(classes.map(({ label, n }) => `${label} (${n})`))}.`,
  },

  reliability: {
    name: 'Reliability diagram',
    caption: 'On the line, confidence equals accuracy. Below it, the model is overconfident; above it, underconfident. Larger dots stand for more files.',
    confidenceAxis: 'Confidence, %',
    accuracyAxis: 'Accuracy, %',
    columns: ['Confidence', 'Files', 'Mean confidence', 'Accuracy'],
    range: (low: number, high: number) => `${Math.round(low * 100)} to ${percent(high)}`,
    none: 'No predictions to compare.',
    summary: (under: number, over: number, n: number) =>
      `Reliability diagram. Of ${files(n)}, ${under} are in bins where the model is underconfident, and ${over} in bins where it is overconfident.`,
  },

  mistakes: {
    name: 'Most confident wrong predictions',
    prediction: (truth: string, predicted: string, confidence: number) => `${truth}, predicted as ${predicted} with ${percent(confidence)} confidence`,
    none: 'No wrong predictions.',
  },

  map: {
    name: 'Map of the files',
    files: 'Files that sound alike to the network are near each other.',
    rows: 'Rows that are alike are near each other.',
    principalAxes: 'With this many, the map shows the two directions in which they differ most.',
    hint: 'Hover over a file to see its name. Click it to play it.',
    trainingCount: (n: number) => `Training (${n})`,
    validationCount: (n: number) => `Validation (${n})`,
    training: 'training',
    validation: 'validation',
    prediction: (label: string, confidence: number) => `predicted as ${label} with ${percent(confidence)} confidence`,
    facts: (facts: string[]) => list.format(facts),
    option: (name: string, facts: string) => `${name}: ${facts}`,
    columns: ['File', 'Play', 'Class', 'Set', 'Prediction', 'Nearest on the map'],
  },

  runs: {
    name: 'Training runs',
    caption: 'The selected run is the model of this project.',
    columns: { model: 'Model', started: 'Started', settings: 'Settings', epochs: 'Epochs', accuracy: 'Accuracy', status: 'Status', compare: 'Compare', remove: 'Delete' },
    started: (at: number) => dateTime.format(at),
    use: (started: string) => `Use the run of ${started}`,
    compare: (started: string) => `Compare the run of ${started}`,
    remove: 'Delete',
    removeRun: (started: string) => `Delete the run of ${started}`,
    recipes: {
      transfer: 'New last layer on the shipped CNN',
      'fine-tune': 'Last blocks of the shipped CNN',
      cnn: 'CNN from scratch',
      rnn: 'RNN from scratch',
      mlp: 'MLPs from scratch',
    } satisfies Record<RecipeName, string>,
    devices: deviceNames,
    method: (recipe: string, device: string) => `${recipe}, on the ${device}`,
    settings: ({ recipe, optimizer, learning_rate, batch, weight_decay, dropout, augment, validation, folds, patience, seed }: TrainSettings) =>
      list.format([
        `${train.optimizers[optimizer]} at ${learning_rate}`,
        `batch ${batch}`,
        `weight decay ${weight_decay}`,
        ...(recipe === 'cnn' || recipe === 'rnn' || recipe === 'mlp' ? [`dropout ${dropout}`] : []),
        ...(recipe === 'transfer' || recipe === 'mlp' ? [] : [augment ? 'augmented' : 'not augmented']),
        folds > 0 ? `${folds} folds` : `${percent(validation)} for validation`,
        `patience ${patience}`,
        `seed ${seed}`,
      ]),
    epochs: (done: number, total: number) => `${done} of ${total}`,
    fold: (fold: number, folds: number) => (fold > folds ? 'all files' : `fold ${fold} of ${folds}`),
    keptEpoch: (epoch: number) => `kept epoch ${epoch}`,
    details: (details: string[]) => list.format(details),
    of: (n: number) => `of ${files(n)}`,
    status: { running: 'Running', paused: 'Paused', done: 'Done', stopped: 'Stopped', failed: 'Failed' } satisfies Record<RunRecord['status'], string>,
    none: 'No runs yet.',
  },

  comparison: {
    name: 'Comparison of two runs',
    /** Names of the two runs, the earlier one first. */
    letters: ['A', 'B'],
    chooseTwo: 'Select two runs to compare them.',
    chooseAnother: 'Select one more run to compare.',
    shown: 'The comparison is below the table.',
    difference: 'B − A',
    settings: 'Settings that differ',
    sameSettings: 'The settings are the same.',
    setting: 'Setting',
    yesNo: (is: boolean) => (is ? 'yes' : 'no'),
    scores: 'Metrics',
    metric: 'Metric',
    tested: 'Files tested',
    intervals: '95\u00a0% interval',
    interval: (low: string, high: string) => `${low} to ${high}`,
    points: (fraction: number) => `${signed(fraction * 100, differences[0])}\u00a0points`,
    change: (value: number) => signed(value, differences[1]),
    classes: 'F1 of each class',
    classColumns: ['Class', 'Files'],
    counts: (counts: number[]) => list.format(counts.map(String)),
    curves: 'Training curves',
    trainingLine: (letter: string) => `${letter}, training`,
    validationLine: (letter: string) => `${letter}, validation`,
    foldOf: (letter: string, fold: string) => `${letter}: ${fold}.`,
    files: 'Files with different predictions',
    same: (n: number) => `Both runs were tested on the same ${files(n)}.`,
    nothingShared: 'No file was tested in both runs, so their scores cannot be compared.',
    notSame: (shared: number, onlyA: number, onlyB: number) =>
      `The runs were tested on different files: ${shared} in both, ${onlyA} only in A, ${onlyB} only in B. Their scores cannot be compared.`,
    otherLabels: 'The classes, or the classes of files, changed between the runs, so their scores cannot be compared.',
    better: (a: number, b: number, n: number) => `Of ${files(n)} tested in both runs, ${a} are correct only in A, and ${b} only in B.`,
    maybeChance: (fraction: number) => `Two equally good models would differ at least this much in ${percent(fraction)} of cases, so the difference may be chance.`,
    noChance: 'Two equally good models would rarely differ this much.',
    agree: 'For every file tested in both runs, the predictions are the same or both correct.',
    prediction: (predicted: string, confidence: number, correct: boolean) => `${predicted} with ${percent(confidence)} confidence: ${correct ? 'correct' : 'wrong'}`,
  },
};
