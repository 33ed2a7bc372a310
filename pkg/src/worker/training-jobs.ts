import type { Client } from './client.js';
import { onDeviceLost } from '../runtime/gpu.js';
import { macrotask } from './macrotask.js';
import { free } from './panics.js';
import type { ProjectContent, TrainEpoch, TrainSettings } from '../project-types.js';
import type { Benchmark, Results, RunAction, TrainingRequest, TrainingTask, TrainProgress } from './protocol.js';
import type { Backend } from '../types.js';
import { type WasmProject, type WasmSession, type WasmStep, type WasmTrainer, importTrainer, instantiate } from './wasm.js';

type Train = Extract<TrainingRequest, { type: 'train' }>;
type Runtime = Awaited<ReturnType<WasmTrainer['Runtime']['start']>>;

/** Shortest interval between progress messages, in milliseconds. Every epoch is reported, but several can share a message. */
const PROGRESS_INTERVAL_MS = 100;

/** Interval between messages of a paused run, in milliseconds. They keep the request from timing out. */
const PAUSED_INTERVAL_MS = 200;

/** A benchmark ends after this many steps or milliseconds, whichever comes first. */
const BENCHMARK = { steps: 8, milliseconds: 300 };

const trainers = new Map<Backend, { wasm: WasmTrainer; runtime: Runtime }>();

/** The latest action on each active run, by the id of its request. */
const actions = new Map<number, RunAction>();

/** Handles a request that needs a module with training. */
export async function handleTraining(request: TrainingRequest, client: Client): Promise<void> {
  const { id } = request;
  switch (request.type) {
    case 'load-trainer':
      await load(request.backend, request.module, client);
      return client.post({ type: 'result', id, result: null });
    case 'settings':
      return client.post({ type: 'result', id, result: trainerOf('cpu').wasm.settings(request.recipe, request.effort) });
    case 'features': {
      const features = trainerOf('cpu').wasm.features(request.channels, request.sampleRate);
      return client.post({ type: 'result', id, result: features }, [features.mel.buffer, features.mfcc.buffer]);
    }
    case 'control':
      actions.set(request.run, request.action);
      return client.post({ type: 'result', id, result: null });
    case 'benchmark':
      return client.post({ type: 'result', id, result: await benchmark(request.task, () => client.isCancelled(id)) });
    case 'train': {
      const outcome = await train(request, client);
      if (!outcome) return client.post({ type: 'cancelled', id });
      return client.post({ type: 'result', id, result: outcome }, [outcome.weights.buffer]);
    }
    case 'pack': {
      const zip = withProject('cpu', request.project, (project) => project.zip(request.settings, request.weights));
      return client.post({ type: 'result', id, result: zip }, [zip.buffer]);
    }
    case 'unpack':
      return client.post({ type: 'result', id, result: unpack(request.zip) });
  }
}

async function load(backend: Backend, module: WebAssembly.Module, client: Client) {
  if (trainers.has(backend)) return;
  if (backend === 'webgpu') onDeviceLost(() => client.post({ type: 'lost', reason: 'the connection to the GPU was lost', kind: 'gpu-lost' }));
  const wasm = await importTrainer(backend);
  await instantiate(wasm, module);
  trainers.set(backend, { wasm, runtime: await wasm.Runtime.start() });
}

function trainerOf(backend: Backend) {
  const trainer = trainers.get(backend);
  if (!trainer) throw new Error(`the ${backend} module for training is not loaded`);
  return trainer;
}

function withProject<T>(backend: Backend, content: ProjectContent, use: (project: WasmProject) => T): T {
  const { Project } = trainerOf(backend).wasm;
  const { name, classes, files, table } = content;
  const project = table ? Project.ofTable(name, classes, table.columns) : new Project(name, classes);
  try {
    if (table) project.addRows(files, table.values);
    for (const { features, ...file } of files) {
      if (features) project.add(file, features.mel, features.mfcc, features.fingerprint);
    }
    return use(project);
  } finally {
    free(project);
  }
}

function sessionOf({ backend, project, settings, base }: TrainingTask): WasmSession {
  return withProject(backend, project, (project) => trainerOf(backend).runtime.session(project, settings, base));
}

/** Measures the speed of a run by its first steps. */
async function benchmark(task: TrainingTask, isCancelled: () => boolean): Promise<Benchmark> {
  const session = sessionOf(task);
  try {
    // The first step compiles kernels and touches memory for the first time, so it is not timed.
    let step = await session.step();
    const nSteps = estimateSteps(step, task.settings);
    await session.state();
    const start = performance.now();
    let done = 0;
    while (done < BENCHMARK.steps && performance.now() - start < BENCHMARK.milliseconds && step.kind !== 'finished' && !isCancelled()) {
      step = await session.step();
      // Validation between two steps counts towards their duration.
      if (step.kind !== 'evaluated') done++;
      await macrotask();
    }
    // The GPU works asynchronously; reading the state waits until it has finished.
    await session.state();
    return { stepSeconds: (performance.now() - start) / 1000 / Math.max(1, done), nSteps };
  } finally {
    free(session);
  }
}

/**
 * Estimated number of steps of a run, from its first step. If the run embeds windows first, only those steps count,
 * since they take most of the time.
 */
function estimateSteps(first: WasmStep, { epochs, folds }: TrainSettings): number {
  if (first.kind === 'embedded') return first.of / first.done;
  const fits = folds === 0 ? 1 : folds + 1;
  return epochs * fits * (first.kind === 'trained' ? first.of : 1);
}

/** Trains to the end and reports progress. Returns undefined if cancelled. */
async function train(request: Train, client: Client): Promise<Results['train'] | undefined> {
  const { id, task, state, date, command } = request;
  const session = sessionOf(task);
  // The core has copied the features, so their memory can be freed.
  task.project.files.length = 0;
  try {
    if (state) session.restore(state);
    const finished = await runToEnd(id, session, task.settings.batch, client);
    return finished ? await session.finish(date, command) : undefined;
  } finally {
    free(session);
    actions.delete(id);
  }
}

/** Steps until the run has ended or was stopped. Returns false if it was cancelled. */
async function runToEnd(id: number, session: WasmSession, batch: number, client: Client): Promise<boolean> {
  const report = (progress: TrainProgress) => client.post({ type: 'progress', id, progress });
  let epochs: TrainEpoch[] = [];
  let stopping = false;
  const reportEpochs = async () => {
    if (epochs.length > 0) report({ kind: 'epochs', epochs, state: stopping ? null : await session.state() });
    epochs = [];
  };
  let lastReport = -Infinity;
  let lastEpochsReport = -Infinity;
  let steps = 0;
  let start = performance.now();
  for (;;) {
    const step = await session.step();
    if (step.kind === 'trained') steps++;
    const now = performance.now();
    if (step.kind === 'epoch') {
      const { kind: _, ...epoch } = step;
      epochs.push(epoch);
    }
    // A state is only available at the end of an epoch, so epochs are only reported there.
    const pausing = actions.get(id) === 'pause';
    if (step.kind === 'finished' || (step.kind === 'epoch' && (pausing || now - lastEpochsReport > PROGRESS_INTERVAL_MS))) {
      await reportEpochs();
      lastEpochsReport = now;
      if (step.kind === 'finished') return true;
    } else if (step.kind !== 'epoch' && now - lastReport > PROGRESS_INTERVAL_MS) {
      lastReport = now;
      report(step.kind === 'trained' ? { ...step, windowsPerSecond: (steps * batch * 1000) / (now - start) } : step);
    }
    await macrotask();
    if (client.isCancelled(id)) return false;
    // The session continues until there is an epoch to keep and its validation has ended.
    if (actions.get(id) === 'stop') stopping = session.stop();
    // The page may have paused the run since the check above.
    if (actions.get(id) === 'pause' && step.kind === 'epoch') await reportEpochs();
    const pauseStart = performance.now();
    while (actions.get(id) === 'pause' && !client.isCancelled(id)) {
      report({ kind: 'paused' });
      await new Promise((resolve) => setTimeout(resolve, PAUSED_INTERVAL_MS));
    }
    // Pauses do not count for the training speed.
    start += performance.now() - pauseStart;
  }
}

function unpack(zip: Uint8Array): Results['unpack'] {
  const project = trainerOf('cpu').wasm.Project.fromZip(zip);
  try {
    const { name, classes, files, columns, settings } = project.manifest;
    const table = columns && { columns, values: project.table() };
    const content = files.map(({ windows: _, ...file }, index) => ({ ...file, features: table ? null : project.features(index) }));
    return { project: { name, classes, files: content, table }, settings, weights: project.weights ?? null };
  } finally {
    free(project);
  }
}
