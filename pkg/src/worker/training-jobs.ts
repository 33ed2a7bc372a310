import type { Client } from './client.js';
import { onDeviceLost } from '../runtime/gpu.js';
import { free } from './panics.js';
import type { ProjectContent, TrainEpoch, TrainSettings } from '../project-types.js';
import type { Answers, TrainingTask, Pace, TrainingRequest, TrainProgress, Wish } from './protocol.js';
import { texts } from '../text/texts.js';
import type { Backend } from '../types.js';
import { type WasmProject, type WasmSession, type WasmStep, type WasmTrainer, importTrainer } from './wasm.js';
import { macrotask } from './worker-shell.js';

type Train = Extract<TrainingRequest, { type: 'train' }>;
type Runtime = Awaited<ReturnType<WasmTrainer['Runtime']['start']>>;

/** Milliseconds between two messages of the steps of a run; its epochs are all told. */
const TELL_EVERY = 100;

/** Milliseconds between two signs of life of a run that waits. */
const PAUSED_EVERY = 200;

/** What a pace is measured for: as many pieces of work, or as many milliseconds. */
const PACE = { pieces: 8, time: 300 };

const trainers = new Map<Backend, { wasm: WasmTrainer; runtime: Runtime }>();

/** The latest wish for each run that is going on. */
const wishes = new Map<number, Wish>();

/** Answers what a trainer asks. */
export async function answerTraining(request: TrainingRequest, client: Client): Promise<void> {
  const { id } = request;
  switch (request.type) {
    case 'load-trainer':
      await open(request.backend, request.module, client);
      return client.post({ type: 'answer', id, answer: null });
    case 'settings':
      return client.post({ type: 'answer', id, answer: opened('cpu').wasm.settings(request.recipe, request.effort) });
    case 'features': {
      const features = opened('cpu').wasm.features(request.channels, request.sampleRate);
      return client.post({ type: 'answer', id, answer: features }, [features.mel.buffer, features.mfcc.buffer]);
    }
    case 'steer':
      wishes.set(request.run, request.wish);
      return client.post({ type: 'answer', id, answer: null });
    case 'pace':
      return client.post({ type: 'answer', id, answer: await pace(request.task, () => client.wants(id)) });
    case 'train': {
      const outcome = await train(request, client);
      if (!outcome) return client.post({ type: 'cancelled', id });
      return client.post({ type: 'answer', id, answer: outcome }, [outcome.weights.buffer]);
    }
    case 'pack': {
      const zip = withProject('cpu', request.project, (project) => project.zip(request.settings, request.weights));
      return client.post({ type: 'answer', id, answer: zip }, [zip.buffer]);
    }
    case 'unpack':
      return client.post({ type: 'answer', id, answer: unpack(request.zip) });
  }
}

async function open(backend: Backend, module: WebAssembly.Module, client: Client) {
  if (trainers.has(backend)) return;
  if (backend === 'webgpu') onDeviceLost(() => client.post({ type: 'lost', reason: texts.gpuLost }));
  const wasm = await importTrainer(backend);
  await wasm.default({ module_or_path: module });
  trainers.set(backend, { wasm, runtime: await wasm.Runtime.start() });
}

function opened(backend: Backend) {
  const trainer = trainers.get(backend);
  if (!trainer) throw new Error('the module that trains is not loaded');
  return trainer;
}

function withProject<T>(backend: Backend, content: ProjectContent, use: (project: WasmProject) => T): T {
  const { Project } = opened(backend).wasm;
  const { name, classes, files, table } = content;
  const project = table ? Project.of_table(name, classes, table.columns) : new Project(name, classes);
  try {
    if (table) project.add_rows(files, table.values);
    for (const { features, ...file } of files) {
      if (features) project.add(file, features.mel, features.mfcc, features.fingerprint);
    }
    return use(project);
  } finally {
    free(project);
  }
}

function sessionOf({ backend, project, settings, base }: TrainingTask): WasmSession {
  return withProject(backend, project, (project) => opened(backend).runtime.session(project, settings, base));
}

/** Measures how fast a run goes, by some of its first pieces of work. */
async function pace(task: TrainingTask, isWanted: () => boolean): Promise<Pace> {
  const session = sessionOf(task);
  try {
    // Kernels are compiled here, and memory is faulted in.
    let step = await session.step();
    const pieces = piecesOf(step, task.settings);
    await session.state();
    const start = performance.now();
    let done = 0;
    while (done < PACE.pieces && performance.now() - start < PACE.time && step.kind !== 'over' && isWanted()) {
      step = await session.step();
      // What comes between two of them is counted in their time.
      if (step.kind !== 'answered') done++;
      await macrotask();
    }
    // A graphics card is behind; to be read, it has to be done.
    await session.state();
    return { seconds: (performance.now() - start) / 1000 / Math.max(1, done), pieces };
  } finally {
    free(session);
  }
}

/** Pieces of work of a run, by what the first was. What is heard comes once, and takes longest where there is any. */
function piecesOf(first: WasmStep, { epochs, folds }: TrainSettings): number {
  if (first.kind === 'embedded') return first.of / first.done;
  const fits = folds === 0 ? 1 : folds + 1;
  return epochs * fits * (first.kind === 'trained' ? first.of : 1);
}

/** Runs to the end, telling what happens; undefined when it was cancelled. */
async function train(request: Train, client: Client): Promise<Answers['train'] | undefined> {
  const { id, task, state, date, command } = request;
  const session = sessionOf(task);
  // The core has taken what it needs of them.
  task.project.files.length = 0;
  try {
    if (state) session.restore(state);
    const over = await runOut(id, session, task.settings.batch, client);
    return over ? await session.finish(date, command) : undefined;
  } finally {
    free(session);
    wishes.delete(id);
  }
}

/** Steps until the run is over or stopped; false when it was cancelled. */
async function runOut(id: number, session: WasmSession, batch: number, client: Client): Promise<boolean> {
  const tell = (progress: TrainProgress) => client.post({ type: 'progress', id, progress });
  let epochs: TrainEpoch[] = [];
  let stops = false;
  const tellEpochs = async () => {
    if (epochs.length > 0) tell({ kind: 'epochs', epochs, state: stops ? null : await session.state() });
    epochs = [];
  };
  let told = -Infinity;
  let toldEpochs = -Infinity;
  let steps = 0;
  let since = performance.now();
  for (;;) {
    const step = await session.step();
    if (step.kind === 'trained') steps++;
    const now = performance.now();
    if (step.kind === 'epoch') {
      const { kind: _, ...epoch } = step;
      epochs.push(epoch);
    }
    // A state is of the end of an epoch, so the epochs are told there and nowhere else.
    const waits = wishes.get(id) === 'pause';
    if (step.kind === 'over' || (step.kind === 'epoch' && (waits || now - toldEpochs > TELL_EVERY))) {
      await tellEpochs();
      toldEpochs = now;
      if (step.kind === 'over') return true;
    } else if (step.kind !== 'epoch' && now - told > TELL_EVERY) {
      told = now;
      tell(step.kind === 'trained' ? { ...step, windowsPerSecond: (steps * batch * 1000) / (now - since) } : step);
    }
    await macrotask();
    if (!client.wants(id)) return false;
    // It goes on until there is something to keep, and that is measured.
    if (wishes.get(id) === 'stop') stops = session.stop();
    if (wishes.get(id) === 'pause' && step.kind === 'epoch') await tellEpochs();
    const before = performance.now();
    while (wishes.get(id) === 'pause' && client.wants(id)) {
      tell({ kind: 'paused' });
      await new Promise((resolve) => setTimeout(resolve, PAUSED_EVERY));
    }
    since += performance.now() - before;
  }
}

function unpack(zip: Uint8Array): Answers['unpack'] {
  const project = opened('cpu').wasm.Project.from_zip(zip);
  try {
    const { name, classes, files, columns, settings } = project.manifest;
    const table = columns && { columns, values: project.table() };
    const content = files.map(({ windows: _, ...file }, index) => ({ ...file, features: table ? null : project.features(index) }));
    return { project: { name, classes, files: content, table }, settings, weights: project.weights ?? null };
  } finally {
    free(project);
  }
}
