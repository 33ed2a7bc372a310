import { Client, type Port } from './client.js';
import { coreOf, messageOf } from '../runtime/errors.js';
import { onDeviceLost } from '../runtime/gpu.js';
import { macrotask } from './macrotask.js';
import { free, isTrap, onPanic } from './panics.js';
import type { FailedPart, Reply, Request, Results } from './protocol.js';
import { isTrainingRequest } from './protocol.js';
import type { Backend, CoreError } from '../types.js';
import { type WasmClassifier, importWasm, instantiate } from './wasm.js';

type Load = Extract<Request, { type: 'load' }>;
type WarmUp = Extract<Request, { type: 'warm-up' }>;
type Analyse = Extract<Request, { type: 'analyse' }>;

/** An error with the part that failed, which the page handles differently. */
class PartFailed extends Error {
  readonly core: CoreError | null;

  constructor(
    readonly part: FailedPart,
    thrown: unknown,
  ) {
    super(messageOf(thrown));
    this.core = coreOf(thrown);
    // A trap makes the whole instance unusable, so it is not the failure of one request.
    if (isTrap(thrown)) throw thrown;
  }
}

/**
 * Limits of the timing: most runs, and milliseconds after which no further run starts. The shortest run counts, since
 * other load on the machine only makes runs longer.
 */
const TIMING = { maxRuns: 3, maxMilliseconds: 1000 };

async function load({ backend, module, weights }: Load, client: Client): Promise<Results['load']> {
  if (backend === 'webgpu') onDeviceLost(() => client.post({ type: 'lost', reason: 'the connection to the GPU was lost', kind: 'gpu-lost' }));
  const wasm = await importWasm(backend);
  const runtime = await startRuntime();
  try {
    const classifier = await runtime.classifier(weights);
    client.classifiers.set(backend, classifier);
    return { metadata: classifier.metadata, map: classifier.map };
  } catch (thrown) {
    throw new PartFailed('weights', thrown);
  }

  async function startRuntime() {
    try {
      await instantiate(wasm, module);
      return await wasm.Runtime.start();
    } catch (thrown) {
      throw new PartFailed('device', thrown);
    }
  }
}

function classifierOf(backend: Backend, { classifiers }: Client): WasmClassifier {
  const classifier = classifiers.get(backend);
  if (!classifier) throw new Error(`the ${backend} module is not loaded`);
  return classifier;
}

async function warmUp({ backend }: WarmUp, client: Client): Promise<Results['warm-up']> {
  const classifier = classifierOf(backend, client);
  // The first run compiles kernels and touches memory for the first time, so it is not timed.
  await classifier.warmUp();
  const begin = performance.now();
  let milliseconds = Infinity;
  for (let run = 0; run < TIMING.maxRuns && performance.now() - begin < TIMING.maxMilliseconds; run++) {
    const start = performance.now();
    const windows = await classifier.warmUp();
    milliseconds = Math.min(milliseconds, (performance.now() - start) / windows);
  }
  return { seconds: milliseconds / 1000 };
}

async function analyse(request: Analyse, client: Client): Promise<Results['analyse'] | undefined> {
  const { id, backend, channels, sampleRate, nPeaks, withSpectrogram } = request;
  const analysis = classifierOf(backend, client).analyse(channels, sampleRate, withSpectrogram);
  // The core has mixed the channels down to its own copy, so their memory can be freed.
  channels.length = 0;
  let finished = false;
  try {
    for (let progress = 0; progress < 1; ) {
      progress = await analysis.step();
      client.post({ type: 'progress', id, progress });
      await macrotask();
      if (client.isCancelled(id)) return undefined;
    }
    const peaks = analysis.peaks(nPeaks);
    finished = true; // `finish()` consumes the analysis, which must not be freed afterwards
    return { ...analysis.finish(), peaks };
  } finally {
    if (!finished) free(analysis);
  }
}

async function handle(request: Exclude<Request, { type: 'cancel' }>, client: Client): Promise<void> {
  const { id } = request;
  if (isTrainingRequest(request)) {
    // Loaded on demand, since inference does not need it.
    const { handleTraining } = await import('./training-jobs.js');
    return handleTraining(request, client);
  }
  if (request.type === 'load') return client.post({ type: 'result', id, result: await load(request, client) });
  if (request.type === 'warm-up') return client.post({ type: 'result', id, result: await warmUp(request, client) });

  if (request.type === 'table') {
    const { backend, rows } = request;
    return client.post({ type: 'result', id, result: await classifierOf(backend, client).table(rows) });
  }

  const result = await analyse(request, client);
  if (!result) return client.post({ type: 'cancelled', id });
  const { spectrogram, peaks } = result;
  client.post({ type: 'result', id, result }, spectrogram ? [spectrogram.data.buffer, peaks.buffer] : [peaks.buffer]);
}

/** Clients that are connected to this program. */
const clients = new Set<Client>();
/** Message of the trap, after a wasm instance has trapped. */
let trapMessage: string | undefined;

/** Whether a wasm instance has trapped, so that this copy of the program can no longer be used. */
export function isBroken(): boolean {
  return trapMessage !== undefined;
}

/** Reports a trap to all clients. */
function onTrap(thrown: unknown) {
  trapMessage = messageOf(thrown);
  for (const client of clients) client.reportLost(trapMessage);
}

onPanic(onTrap);

/** Handles the requests that arrive at a port, until the returned function is called. */
export function serve(port: Port): () => void {
  const client = new Client(port);
  clients.add(client);
  // A client that connects after the trap would otherwise wait until its timeout.
  if (trapMessage !== undefined) client.reportLost(trapMessage);
  port.onmessage = ({ data: request }: MessageEvent<Request>) => {
    if (request.type === 'cancel') return client.cancel(request.id);
    void client.run(request.id, async () => {
      try {
        await handle(request, client);
      } catch (thrown) {
        if (isTrap(thrown)) return onTrap(thrown);
        const part = thrown instanceof PartFailed ? thrown.part : 'track';
        client.post({ type: 'failed', id: request.id, part, message: messageOf(thrown), core: coreOf(thrown) });
      }
    });
  };
  return () => {
    clients.delete(client);
    client.disconnect();
  };
}

/** Serves the page that started this worker. */
async function serveAsWorker() {
  serve(self);
  const post = (reply: Reply) => self.postMessage(reply);
  // Unlike uncaught errors, unhandled rejections do not reach the page's `onerror`.
  self.addEventListener('unhandledrejection', (event) => post({ type: 'lost', reason: messageOf(event.reason) }));
  try {
    // The promise never settles, so the lock is held until the worker ends.
    await navigator.locks?.request(self.name, () => {
      post({ type: 'started', locked: true });
      return new Promise<never>(() => {});
    });
  } catch {
    // Locks are not available without storage access, as in a sandboxed frame. The page then relies on timeouts.
  }
  post({ type: 'started', locked: false });
}

// If no worker is allowed, the page imports this module and calls `serve`.
if ('DedicatedWorkerGlobalScope' in globalThis) void serveAsWorker();
