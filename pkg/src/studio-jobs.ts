import type { ProjectContent, TrainEpoch } from './project-types.js';
import type { Answers, StudioRequest, TrainProgress, Wish } from './protocol.js';
import { type WasmProject, type WasmSession, type WasmTrainer, importTrainer } from './wasm.js';
import { cancelled, macrotask, post } from './worker-shell.js';

type Train = Extract<StudioRequest, { type: 'train' }>;
type Runtime = Awaited<ReturnType<WasmTrainer['Runtime']['start']>>;

/** Milliseconds between two messages of the steps of a run; its epochs are all told. */
const TELL_EVERY = 100;

/** Milliseconds between two signs of life of a run that waits. */
const PAUSED_EVERY = 200;

let studio: { wasm: WasmTrainer; runtime: Runtime } | undefined;

/** The latest wish for each run that is going on. */
const wishes = new Map<number, Wish>();

/** Answers what a studio asks. */
export async function answerStudio(request: StudioRequest): Promise<void> {
  const { id } = request;
  switch (request.type) {
    case 'studio':
      await open(request.module);
      return post({ type: 'answer', id, answer: null });
    case 'settings':
      return post({ type: 'answer', id, answer: wasm().settings(request.recipe, request.effort) });
    case 'features': {
      const features = wasm().features(request.channels, request.sampleRate);
      return post({ type: 'answer', id, answer: features }, [features.mel.buffer, features.mfcc.buffer]);
    }
    case 'steer':
      wishes.set(request.run, request.wish);
      return post({ type: 'answer', id, answer: null });
    case 'train': {
      const outcome = await train(request);
      if (!outcome) return post({ type: 'cancelled', id });
      return post({ type: 'answer', id, answer: outcome }, [outcome.weights.buffer]);
    }
    case 'pack': {
      const zip = withProject(request.project, (project) => project.zip(request.settings, request.weights));
      return post({ type: 'answer', id, answer: zip }, [zip.buffer]);
    }
    case 'unpack':
      return post({ type: 'answer', id, answer: unpack(request.zip) });
  }
}

async function open(module: WebAssembly.Module) {
  if (studio) return;
  const wasm = await importTrainer();
  await wasm.default({ module_or_path: module });
  studio = { wasm, runtime: await wasm.Runtime.start() };
}

function opened() {
  if (!studio) throw new Error('the module that trains is not loaded');
  return studio;
}

const wasm = () => opened().wasm;

function withProject<T>(content: ProjectContent, use: (project: WasmProject) => T): T {
  const { name, classes, files, table } = content;
  const project = table ? wasm().Project.of_table(name, classes, table.columns) : new (wasm().Project)(name, classes);
  try {
    if (table) project.add_rows(files, table.values);
    for (const { features, ...file } of files) if (features) project.add(file, features.mel, features.mfcc);
    return use(project);
  } finally {
    project.free();
  }
}

/** Runs to the end, telling what happens; undefined when it was cancelled. */
async function train(request: Train): Promise<Answers['train'] | undefined> {
  const { id, settings, base, state, date, command } = request;
  const session = withProject(request.project, (project) => opened().runtime.session(project, settings, base));
  // The core has taken what it needs of them.
  request.project.files.length = 0;
  try {
    if (state) session.restore(state);
    const over = await runOut(id, session, settings.batch);
    return over ? await session.finish(date, command) : undefined;
  } finally {
    session.free();
    wishes.delete(id);
  }
}

/** Steps until the run is over or stopped; false when it was cancelled. */
async function runOut(id: number, session: WasmSession, batch: number): Promise<boolean> {
  const tell = (progress: TrainProgress) => post({ type: 'progress', id, progress });
  let epochs: TrainEpoch[] = [];
  const tellEpochs = () => {
    if (epochs.length > 0) tell({ kind: 'epochs', epochs, state: session.state() });
    epochs = [];
  };
  let told = -Infinity;
  let steps = 0;
  let since = performance.now();
  for (;;) {
    const step = await session.step();
    if (step.kind === 'trained' || step.kind === 'epoch') steps++;
    if (step.kind === 'epoch') {
      const { kind: _, ...epoch } = step;
      epochs.push(epoch);
    }
    const now = performance.now();
    // A state is of the end of an epoch, so the epochs are told there and nowhere else.
    if (step.kind === 'over' || now - told > TELL_EVERY) {
      if (step.kind === 'epoch' || step.kind === 'over') tellEpochs();
      else tell(step.kind === 'trained' ? { ...step, windowsPerSecond: (steps * batch * 1000) / (now - since) } : step);
      if (step.kind === 'over') return true;
      told = now;
    }
    await macrotask();
    if (cancelled.has(id)) return false;
    if (wishes.get(id) === 'stop') {
      await session.stop();
      tellEpochs();
      return true;
    }
    if (step.kind === 'epoch' && wishes.get(id) === 'pause') tellEpochs();
    const before = performance.now();
    while (wishes.get(id) === 'pause' && !cancelled.has(id)) {
      tell({ kind: 'paused' });
      await new Promise((resolve) => setTimeout(resolve, PAUSED_EVERY));
    }
    since += performance.now() - before;
  }
}

function unpack(zip: Uint8Array): Answers['unpack'] {
  const project = wasm().Project.from_zip(zip);
  try {
    const { name, classes, files, columns, settings } = project.manifest;
    const table = columns && { columns, values: project.table() };
    const content = files.map(({ windows: _, ...file }, index) => ({ ...file, features: table ? null : project.features(index) }));
    return { project: { name, classes, files: content, table }, settings, weights: project.weights ?? null };
  } finally {
    project.free();
  }
}
