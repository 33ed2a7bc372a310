import type { Backend, BackendChoice } from 'tonearm';
import { count, list, megabytes, minutes, percent, plural, seconds } from 'tonearm/page';
import type { ChangesSince } from '../train/project/changes-since.js';
import type { RunFallback } from '../train/store/records.js';

/** A number of files. */
export const files = (n: number) => plural(n, '1 file', `${count(n)} files`);

/** Date and time of day that sort by name, such as `2026-11-23 14:31:05`. */
const sortableTime = (at: Date) => at.toLocaleString('sv-SE');

/** Names of the devices that a run can use. */
export const deviceNames: Record<Backend, string> = { cpu: 'CPU', webgpu: 'GPU' };

/** How far a run has come. Folds, epochs and steps count from 1. */
export interface Progress {
  /** The fold that is being trained. The last one trains on all files. */
  fold: number;
  /** Number of folds, including the last one. */
  nFolds: number;
  /** Number of completed epochs of the fold. */
  epoch: number;
  epochs: number;
  /** Number of completed steps of the next epoch. */
  step: number;
  steps: number;
}

/** Texts of the Train view, except for those of the report on a run. */
export const train = {
  headline: 'Train your own classes',
  lead: 'Name some classes, add a few songs or sounds to each, and press Train. Five files per class are enough to begin with. Everything runs on this device; nothing is uploaded.',
  begin: 'Start with two classes',
  beginHint: 'Name them, then add or record files.',
  importFolder: 'Import a folder',
  importFolderHint: 'Its subfolders become classes. Folders inside a class are artists, whose files stay together.',
  tryExample: 'Try the example project',
  exampleHint: 'Four kinds of sounds, synthesised by this page.',
  openZip: 'Open a project',
  openZipHint: 'A zip that was saved here.',
  dropHint: 'You can also drop a folder or a project zip anywhere on this page.',

  project: 'Project',
  projects: 'Projects',
  newProject: 'New project',
  projectName: 'Project name',
  untitled: 'My classes',
  classNames: ['Class 1', 'Class 2'],
  nextClass: (n: number) => `Class ${n}`,
  example: {
    name: 'Example: kinds of sounds',
    classes: ['Plucked strings', 'Bowed strings', 'Drum loops', 'Bells'],
    artists: { train: (className: string) => `${className}, performer 1`, validation: (className: string) => `${className}, performer 2` },
    failed: 'The sound could not be synthesised.',
  },
  copyOf: (name: string) => `${name} (copy)`,
  duplicateProject: 'Duplicate',
  deleteProject: 'Delete project',
  confirmDelete: (name: string) => `Delete “${name}” with all its files and runs? This cannot be undone.`,
  deleteAudio: 'Delete stored audio',
  confirmDeleteAudio: (name: string) => `Delete the stored audio of “${name}”? You can still train on its files, but no longer play them.`,
  clearAll: 'Delete all projects',
  confirmClear: 'Delete all projects in this browser? This cannot be undone.',
  saveProject: 'Save project as zip',
  keepAudio: 'Store the audio too, so that you can play the examples later',
  used: (bytes: number) => `${megabytes(bytes)} used on this device.`,
  usedNotPersisted: (bytes: number) =>
    `${megabytes(bytes)} used on this device. The browser may delete this data when space runs low, so save the project as a zip.`,
  memoryOnly: 'This browser does not let the page store data, perhaps because this is a private window. The project is lost when you close the page, so save it as a zip.',
  insecure: 'Training needs a page that is served over https or from this computer, because browsers store projects only there. Listen works here too.',
  beingBuilt: 'Training is still being built on this computer. Reload this page in a few minutes.',
  clearBlocked: 'Another tab has one of the projects open, so nothing was deleted. Close that tab and try again.',
  openInOtherTab: 'This project is open in another tab, so it is read-only here. Close it there and reload this page.',
  stalled: 'Part of the page could not be loaded because its download stalled. Check your connection and try again.',
  undo: 'Undo',
  retry: 'Try again',

  className: 'Class name',
  addClass: 'Add a class',
  removeClass: (name: string) => `Remove the class ${name}`,
  classRemoved: (name: string) => `Removed the class ${name}.`,
  mergeInto: 'Merge into…',
  merge: (name: string) => `Merge ${name} into another class`,
  classMerged: (name: string, into: string) => `Merged ${name} into ${into}.`,
  noFiles: 'No files yet',
  count: (n: number, length: number) => `${files(n)}, ${minutes(length)}`,
  examplesOf: (name: string) => `Examples of ${name}`,
  addFiles: 'Add files',
  dropHere: 'or drop them here',
  classes: 'Classes',
  showMore: (n: number) => `Show ${count(n)} more`,
  play: (name: string) => `Play ${name}`,
  audioNotStored: 'The audio of this file was not stored, so it cannot be played.',
  move: (name: string) => `Move ${name}`,
  moveClass: (name: string) => `Move the class ${name}`,
  dragClass: 'Drag to reorder the classes',
  moves: {
    open: 'Move…',
    up: 'Up',
    down: 'Down',
    top: 'To the top',
    end: 'To the end',
    earlier: 'Earlier',
    later: 'Later',
    toClass: (name: string) => `To ${name}`,
  },
  moved: (name: string, position: number, n: number) => `${name} is now number ${count(position)} of ${count(n)}.`,
  removeExample: (name: string) => `Remove ${name}`,
  exampleRemoved: (name: string) => `Removed ${name}.`,
  classGone: 'Its class was removed.',
  duplicate: (name: string) => `This file is identical to ${name}, which is already in the project.`,
  analysing: (name: string, left: number) => plural(left, `Analysing ${name}, the last file…`, `Analysing ${name}, ${count(left)} files left…`),
  cancel: 'Cancel',
  notAdded: (n: number) => `${files(n)} could not be added`,
  dismiss: 'Dismiss',

  record: {
    open: 'Record',
    openFor: (name: string) => `Record for ${name}`,
    length: 'Cut into files of',
    seconds: (n: number) => seconds(n, 0),
    sources: { microphone: 'Microphone', tab: 'Tab audio' },
    requesting: 'Waiting for permission…',
    stop: 'Stop',
    level: 'Level',
    elapsed: 'Recorded so far',
    noFilesYet: 'No files so far. Stop also saves a shorter last file.',
    filesSoFar: (n: number) => `${files(n)} so far. Stop also saves a shorter last file.`,
    fileName: (at: Date, n: number) => `Recording ${sortableTime(at).slice(0, 16).replace(':', '.')} (${n}).wav`,
    /** Artist of all files of a recording. The seconds distinguish recordings that start in the same minute. */
    artist: (at: Date) => `Recording ${sortableTime(at)}`,
    errors: {
      notAllowed: 'This page is not allowed to use the microphone. Allow it in the address bar, then press Microphone again.',
      noMicrophone: 'No microphone was found. Connect one, or record the audio of a tab.',
      noTabAudio: 'What you shared has no audio. Choose a tab, not a window, and turn on “Also share tab audio”. Some browsers cannot share audio.',
      notShared: 'Nothing was shared, so nothing was recorded. Try again and choose a tab with its audio.',
      failed: 'Recording could not start. Another program may be using the microphone: close it and try again.',
      ended: 'The microphone was disconnected. What was recorded until then is saved.',
      notSaved: (name: string) => `${name} could not be saved. Later files of the recording are not affected. If it happens again, close other tabs to free memory.`,
    },
  },

  training: 'Training',
  table: {
    choose: 'Import a table',
    hint: 'A CSV file with one column of classes and columns of numbers, such as Echo Nest features.',
    summary: (rows: number, columns: string) => plural(rows, `1 row. Columns: ${columns}.`, `${count(rows)} rows. Columns: ${columns}.`),
    row: (name: string) => `Row ${name}`,
    count: (name: string, n: number) => `${name}: ${count(n)}`,
    unread: 'The table could not be read. Choose it again.',
  },

  recipe: 'Method',
  recipes: {
    transfer: { name: 'Transfer', description: 'Trains a new last layer on the shipped network: takes seconds, works from five files per class' },
    'fine-tune': { name: 'Fine-tune', description: 'Also trains the last blocks of the shipped network: takes minutes, needs a few dozen files per class' },
    cnn: { name: 'CNN on mel spectrograms', description: 'Trains a small network from scratch: takes minutes, needs hundreds of files' },
    mlp: { name: 'MLP on the rows', description: 'Trains an ensemble of four networks' },
    rnn: { name: 'RNN on MFCCs', description: 'Also trains from scratch, on how the timbre changes over time' },
  },
  effort: 'Evaluation',
  efforts: { quick: 'Quick: one validation set', better: 'Thorough: 5-fold cross-validation, so every file is tested once' },
  moreSettings: 'Settings',
  settings: {
    epochs: 'Maximum epochs',
    batch: 'Batch size',
    learningRate: 'Learning rate',
    weightDecay: 'Weight decay',
    validation: 'Validation fraction',
    dropout: 'Dropout',
    augment: 'Augment the windows (crop, mask, change the gain)',
    folds: 'Folds (0: one validation set)',
    patience: 'Patience (epochs without improvement)',
    seed: 'Seed',
    optimizer: 'Optimiser',
  },
  backend: 'Device',
  backends: { auto: 'Automatic: the CPU, or the GPU if it is faster for a long run', cpu: 'CPU', webgpu: 'GPU' } satisfies Record<BackendChoice, string>,
  backendBeingBuilt: (name: string) => `${name} (still being built: reload this page in a few minutes)`,
  optimizers: { adamw: 'AdamW', adam: 'Adam', sgd: 'SGD', momentum: 'SGD with momentum' },
  train: 'Train',
  obstacles: {
    classes: 'At least two classes are needed.',
    noFiles: (name: string) => `${name} has no files and needs at least 2.`,
    oneFile: (name: string) => `${name} has 1 file and needs at least 2.`,
    unnamed: 'A class has no name.',
    duplicateName: (name: string) => `Two classes are called ${name}.`,
    recording: 'Stop the recording first.',
    importing: 'Wait until all files are analysed.',
    openInOtherTab: 'The project is open in another tab.',
  },
  imbalance: (large: string, small: string, ratio: number) =>
    `${large} has ${count(ratio)} times as much audio as ${small}. Training gives rare classes more weight, but more files of ${small} would help.`,
  imbalanceOfRows: (large: string, small: string, ratio: number) =>
    `${large} has ${count(ratio)} times as many rows as ${small}. Training gives rare classes more weight, but more rows of ${small} would help.`,
  preparing: (fraction: number) => `Preparing the files: ${percent(fraction)}`,
  evaluating: (fraction: number) => `Evaluating the model: ${percent(fraction)}`,
  progress: ({ fold, nFolds, epoch, epochs, step, steps }: Progress) => {
    const epochsDone = `${count(epoch)} of ${count(epochs)} epochs done`;
    const done = step > 0 ? `${epochsDone}, step ${count(step)} of ${count(steps)}` : epochsDone;
    if (nFolds === 1) return done;
    return fold === nFolds ? `All files: ${done}` : `Fold ${count(fold)} of ${count(nFolds - 1)}: ${done}`;
  },
  progressPaused: (progress: string) => `Paused. ${progress}`,
  progressWithTime: (progress: string, time: string) => `${progress}, about ${time} left`,
  pace: (windowsPerSecond: number, backend: Backend) => `${count(windowsPerSecond)} windows per second on the ${deviceNames[backend]}`,
  paceAndRate: (windowsPerSecond: number, backend: Backend, learningRate: string) =>
    `${count(windowsPerSecond)} windows per second on the ${deviceNames[backend]}, learning rate ${learningRate}`,
  pause: 'Pause',
  resume: 'Resume',
  paused: 'Paused',
  running: 'Training is running',
  stop: 'Stop and keep the best',
  interrupted: (epochs: number) => plural(epochs, 'Training was interrupted after 1 epoch.', `Training was interrupted after ${count(epochs)} epochs.`),
  resumeOnCpu: 'Resume on the CPU',
  discard: 'Discard',
  /** Why a run uses the CPU. `detail` is the message of the GPU. */
  fallbacks: {
    'gpu-absent': () => 'No GPU available; training on the CPU.',
    'gpu-lost': () => 'The GPU failed (the connection to the GPU was lost); training continues on the CPU.',
    'gpu-silent': () => 'The GPU failed (the GPU stopped responding); training continues on the CPU.',
    'gpu-crashed': () => 'The GPU failed (the GPU program crashed); training continues on the CPU.',
    'gpu-needs-worker': () => 'The GPU failed (it can only be used in a worker, which this page does not allow); training continues on the CPU.',
    'gpu-failed': (detail: string) => `The GPU failed (${detail}); training continues on the CPU.`,
    'resumed-on-cpu': () => 'This run started on the GPU, was interrupted and was resumed on the CPU.',
  } satisfies Record<RunFallback['code'], (detail: string) => string>,
  filesChanged: 'The files or their order changed since this run started, so it cannot be resumed. Train again.',

  result: 'Results',
  modelRun: (title: string) => `The project’s model is the run ${title}.`,
  changedSince: ({ added, removed, moved, classes }: ChangesSince) => {
    const changes = [
      ...(classes ? ['classes added, removed or renamed'] : []),
      ...(added ? [`${files(added)} added`] : []),
      ...(removed ? [`${files(removed)} removed`] : []),
      ...(moved ? [`${files(moved)} moved to another class`] : []),
    ];
    return `Changed since this run: ${list(changes)}. Train again to update the model and these results.`;
  },
  imported: 'This model came from the zip, without its test results. Train again to see them.',
  oneArtist: (name: string) => `Some files of ${name} are by an artist who is in both the training set and the validation set, because there are too few artists. The score is optimistic.`,
  chosenOnValidation: 'The run stopped early and kept its best validation epoch, so the score is optimistic. A run that completes keeps its last epoch, whatever its score.',
  optimizerReset: (times: number) =>
    plural(
      times,
      'The run was resumed once without its optimiser state, so another run would not reproduce it exactly.',
      `The run was resumed ${count(times)} times without its optimiser state, so another run would not reproduce it exactly.`,
    ),
  cell: (truth: string, predicted: string) => `${truth}, predicted as ${predicted}:`,
  useOnListen: 'Use on Listen',
  saveWeights: 'Save weights',
  weightsHint: 'One file for Listen, the <tone-arm> element and the command-line program.',
  tableWeightsHint: 'One file for the npm package and the command-line program.',
  runs: 'Runs',
  sections: { confusion: 'Confusion matrix', mistakes: 'Wrong predictions', map: 'Map of the files', reliability: 'Calibration', curves: 'Training curves' },

  /** Messages of a `StoreError`, by its code. */
  store: {
    quota: 'There is not enough storage space, so this was not saved. Delete a project or stored audio, or free space on the disk, and try again.',
    failed: 'The browser could not access the data of this page, so nothing was changed. Reload the page and try again.',
    closed: 'This tab lost access to the saved projects, perhaps because another tab opened a newer version of the page. Reload the page to continue.',
    missing: 'This was deleted, perhaps in another tab, so it was not saved. Reload the page to see the current state.',
  },
};
