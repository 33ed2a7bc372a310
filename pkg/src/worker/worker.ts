import { Client, type Port } from './client.js';
import { messageOf } from '../runtime/errors.js';
import { onDeviceLost } from '../runtime/gpu.js';
import { free, isTrap, onPanic } from './panics.js';
import type { Answers, Reply, Request } from './protocol.js';
import { isTrainingRequest } from './protocol.js';
import { texts } from '../text/texts.js';
import type { Backend } from '../types.js';
import { type WasmClassifier, importWasm } from './wasm.js';
import { macrotask } from './worker-shell.js';

type Load = Extract<Request, { type: 'load' }>;
type WarmUp = Extract<Request, { type: 'warm-up' }>;
type Analyse = Extract<Request, { type: 'analyse' }>;

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

/**
 * Runs of which the shortest tells what a window costs, since what else the machine does only makes a run
 * longer, and milliseconds from which no further run is begun.
 */
const TIMED = { runs: 3, milliseconds: 1000 };

async function load({ backend, module, weights }: Load, client: Client): Promise<Answers['load']> {
  if (backend === 'webgpu') onDeviceLost(() => client.post({ type: 'lost', reason: texts.gpuLost }));
  const wasm = await importWasm(backend);
  const runtime = await startRuntime();
  try {
    const classifier = await runtime.classifier(weights);
    client.classifiers.set(backend, classifier);
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

function classifierOf(backend: Backend, { classifiers }: Client): WasmClassifier {
  const classifier = classifiers.get(backend);
  if (!classifier) throw new Error(`the ${backend} module is not loaded`);
  return classifier;
}

async function warmUp({ backend }: WarmUp, client: Client): Promise<Answers['warm-up']> {
  const classifier = classifierOf(backend, client);
  // The first run compiles kernels and faults memory in.
  await classifier.warm_up();
  const begun = performance.now();
  let milliseconds = Infinity;
  for (let run = 0; run < TIMED.runs && performance.now() - begun < TIMED.milliseconds; run++) {
    const start = performance.now();
    const windows = await classifier.warm_up();
    milliseconds = Math.min(milliseconds, (performance.now() - start) / windows);
  }
  return { seconds: milliseconds / 1000 };
}

async function analyse(request: Analyse, client: Client): Promise<Answers['analyse'] | undefined> {
  const { id, backend, channels, sampleRate, nPeaks } = request;
  const analysis = classifierOf(backend, client).analyse(channels, sampleRate);
  // The core has made its own mix of them by now.
  channels.length = 0;
  let finished = false;
  try {
    for (let progress = 0; progress < 1; ) {
      progress = await analysis.step();
      client.post({ type: 'progress', id, progress });
      await macrotask();
      if (!client.wants(id)) return undefined;
    }
    const peaks = analysis.peaks(nPeaks);
    finished = true; // finish() takes the analysis, so it must not be freed after it
    return { ...analysis.finish(), peaks };
  } finally {
    if (!finished) free(analysis);
  }
}

async function answer(request: Exclude<Request, { type: 'cancel' }>, client: Client): Promise<void> {
  const { id } = request;
  if (isTrainingRequest(request)) {
    // Apart, since who listens never needs it.
    const { answerTraining } = await import('./training-jobs.js');
    return answerTraining(request, client);
  }
  if (request.type === 'load') return client.post({ type: 'answer', id, answer: await load(request, client) });
  if (request.type === 'warm-up') return client.post({ type: 'answer', id, answer: await warmUp(request, client) });

  if (request.type === 'table') {
    const { backend, rows } = request;
    return client.post({ type: 'answer', id, answer: await classifierOf(backend, client).table(rows) });
  }

  const result = await analyse(request, client);
  if (!result) return client.post({ type: 'cancelled', id });
  client.post({ type: 'answer', id, answer: result }, [result.spectrogram.data.buffer, result.peaks.buffer]);
}

/** Whom the instances of this program serve. */
const clients = new Set<Client>();
/** Why an instance broke off, once one did. */
let broken: string | undefined;

/** Whether an instance broke off, so that nobody else can be served. */
export function isBroken(): boolean {
  return broken !== undefined;
}

/** Tells everybody that an instance is ruined. */
function breakOff(thrown: unknown) {
  broken = messageOf(thrown);
  for (const client of clients) client.abandon(broken);
}

onPanic(breakOff);

/** Answers what comes in by a port, until the call that it gives. */
export function serve(port: Port): () => void {
  const client = new Client(port);
  clients.add(client);
  // Somebody who joins in the moment of the break is not left waiting.
  if (broken !== undefined) client.abandon(broken);
  port.onmessage = ({ data: request }: MessageEvent<Request>) => {
    if (request.type === 'cancel') return client.cancel(request.id);
    void client.attend(request.id, async () => {
      try {
        await answer(request, client);
      } catch (thrown) {
        if (isTrap(thrown)) return breakOff(thrown);
        const part = thrown instanceof Refusal ? thrown.part : 'track';
        client.post({ type: 'refused', id: request.id, part, message: messageOf(thrown) });
      }
    });
  };
  return () => {
    clients.delete(client);
    client.leave();
  };
}

/** Serves the page that started this worker. */
async function serveAsWorker() {
  serve(self);
  const post = (reply: Reply) => self.postMessage(reply);
  // An uncaught error, unlike this, reaches the page by itself.
  self.addEventListener('unhandledrejection', (event) => post({ type: 'lost', reason: messageOf(event.reason) }));
  try {
    // Held as long as the worker lives: its end is all that frees it.
    await navigator.locks?.request(self.name, () => {
      post({ type: 'alive', locked: true });
      return new Promise<never>(() => {});
    });
  } catch {
    // No storage, no locks (a sandboxed frame): the page's watchdog is what is left.
  }
  post({ type: 'alive', locked: false });
}

// Where no worker is permitted, the page imports this and serves itself.
if ('DedicatedWorkerGlobalScope' in globalThis) void serveAsWorker();
