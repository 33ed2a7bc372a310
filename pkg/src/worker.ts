import { messageOf } from './errors.js';
import { onDeviceLost } from './gpu.js';
import type { Answers, Request } from './protocol.js';
import { isStudioRequest } from './protocol.js';
import { texts } from './texts.js';
import type { Backend } from './types.js';
import { type WasmClassifier, importWasm } from './wasm.js';
import { cancelled, macrotask, post } from './worker-shell.js';

type Load = Extract<Request, { type: 'load' }>;
type WarmUp = Extract<Request, { type: 'warm-up' }>;
type Analyse = Extract<Request, { type: 'analyse' }>;

/** Classifiers by backend. `auto` may hold both, to time one against the other. */
const classifiers = new Map<Backend, WasmClassifier>();

/** Thrown where the part that said no matters to the page. */
class Refusal extends Error {
  constructor(
    readonly part: 'device' | 'weights' | 'track',
    thrown: unknown,
  ) {
    super(messageOf(thrown));
    // A trap has ruined the instance; it must not pass for a refusal.
    if (isTrap(thrown)) throw thrown;
  }
}

function isTrap(thrown: unknown): boolean {
  return thrown instanceof WebAssembly.RuntimeError;
}

const lost = (reason: string) => post({ type: 'lost', reason });

async function load({ backend, module, weights }: Load): Promise<Answers['load']> {
  if (backend === 'webgpu') onDeviceLost(() => lost(texts.gpuLost));
  const wasm = await importWasm(backend);
  const runtime = await startRuntime();
  try {
    const classifier = runtime.classifier(weights);
    classifiers.set(backend, classifier);
    return { card: classifier.card, map: classifier.map };
  } catch (thrown) {
    throw new Refusal('weights', thrown);
  }

  async function startRuntime() {
    try {
      await wasm.default({ module_or_path: module });
      return await wasm.Runtime.start();
    } catch (thrown) {
      throw new Refusal('device', thrown);
    }
  }
}

function classifierOf(backend: Backend): WasmClassifier {
  const classifier = classifiers.get(backend);
  if (!classifier) throw new Error(`the ${backend} module is not loaded`);
  return classifier;
}

async function warmUp({ backend }: WarmUp): Promise<Answers['warm-up']> {
  const classifier = classifierOf(backend);
  // The first run compiles kernels and faults memory in; the second is what a window costs.
  await classifier.warm_up();
  const start = performance.now();
  await classifier.warm_up();
  return { seconds: (performance.now() - start) / 1000 };
}

async function analyse(request: Analyse): Promise<Answers['analyse'] | undefined> {
  const { id, backend, channels, sampleRate, nPeaks } = request;
  const analysis = classifierOf(backend).analyse(channels, sampleRate);
  // The core has made its own mix of them by now.
  channels.length = 0;
  let finished = false;
  try {
    for (let progress = 0; progress < 1; ) {
      progress = await analysis.step();
      post({ type: 'progress', id, progress });
      await macrotask();
      if (cancelled.has(id)) return undefined;
    }
    const peaks = analysis.peaks(nPeaks);
    finished = true; // finish() takes the analysis, so it must not be freed after it
    return { ...analysis.finish(), peaks };
  } finally {
    if (!finished) analysis.free();
  }
}

async function answer(request: Exclude<Request, { type: 'cancel' }>): Promise<void> {
  const { id } = request;
  if (isStudioRequest(request)) {
    // Apart, since who listens never needs it.
    const { answerStudio } = await import('./studio-jobs.js');
    return answerStudio(request);
  }
  if (request.type === 'load') return post({ type: 'answer', id, answer: await load(request) });
  if (request.type === 'warm-up') return post({ type: 'answer', id, answer: await warmUp(request) });

  if (request.type === 'table') {
    const { backend, rows } = request;
    return post({ type: 'answer', id, answer: await classifierOf(backend).table(rows) });
  }

  const result = await analyse(request);
  if (!result) return post({ type: 'cancelled', id });
  post({ type: 'answer', id, answer: result }, [result.spectrogram.data.buffer, result.peaks.buffer]);
}

self.onmessage = async ({ data: request }: MessageEvent<Request>) => {
  if (request.type === 'cancel') {
    cancelled.add(request.id);
    return;
  }
  try {
    await answer(request);
  } catch (thrown) {
    if (isTrap(thrown)) return lost(messageOf(thrown));
    const part = thrown instanceof Refusal ? thrown.part : 'track';
    post({ type: 'refused', id: request.id, part, message: messageOf(thrown) });
  } finally {
    cancelled.delete(request.id);
  }
};

// A panic inside a future leaves its promise unsettled and surfaces here. (An uncaught error,
// unlike this, reaches the page by itself.)
self.addEventListener('unhandledrejection', (event) => lost(messageOf(event.reason)));

/** Holds the lock of the worker's name as long as the worker lives: its end is all that frees it. */
function holdLock() {
  void navigator.locks?.request(self.name, () => {
    post({ type: 'alive' });
    return new Promise<never>(() => {});
  }).catch(() => {
    // No storage, no locks (a sandboxed frame): the page's watchdog is what is left.
  });
}
holdLock();
