import { knownError } from '../runtime/errors.js';
import type { Reply } from './protocol.js';
import { Stalled, importWithDeadline, startWithDeadline } from '../runtime/stall-deadline.js';

/** The worker's program, running. */
export interface StartedWorker {
  /** Sends requests and receives replies. */
  port: Worker | MessagePort;
  /** Whether the worker holds the lock of its name. */
  locked: boolean;
  /** Whether the program runs on the page's own thread. */
  isOnPage: boolean;
}

/**
 * Runs the worker's program until `life` is aborted. Tries three ways, in this order:
 *
 * 1. a worker from the program's URL, which must have the page's origin;
 * 2. a worker from a blob URL, which imports the program;
 * 3. if no worker is allowed, the page's own thread, where the program lets the page paint between two windows.
 *
 * # Errors
 * A `TonearmError` if the download of the program stalls.
 */
export async function startWorker(program: URL, name: string, life: AbortSignal): Promise<StartedWorker> {
  for (const start of [startFromUrl, startFromBlob]) {
    try {
      return await start(program, name, life);
    } catch (thrown) {
      life.throwIfAborted();
      // The other ways download the same file.
      if (thrown instanceof Stalled) throw knownError('download-stalled', program);
    }
  }
  return startOnPage(program, life);
}

async function startFromUrl(program: URL, name: string, life: AbortSignal): Promise<StartedWorker> {
  return waitForStart(new Worker(program, { type: 'module', name }), program, life);
}

/** Uses a classic worker, since a module worker from a blob URL fails in pages with an opaque origin. */
async function startFromBlob(program: URL, name: string, life: AbortSignal): Promise<StartedWorker> {
  // The error is thrown again outside of the promise, so that the page's `onerror` receives it.
  const script = `import(${JSON.stringify(program)}).catch((thrown) => setTimeout(() => { throw thrown; }));`;
  const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  try {
    return await waitForStart(new Worker(url, { name }), program, life);
  } finally {
    URL.revokeObjectURL(url);
  }
}

async function waitForStart(worker: Worker, program: URL, life: AbortSignal): Promise<StartedWorker> {
  const started = new Promise<StartedWorker>((resolve, reject) => {
    const end = (reason: unknown) => {
      worker.terminate();
      reject(reason);
    };
    // The listener is not removed after the start, since it terminates the worker later.
    life.addEventListener('abort', () => end(life.reason), { once: true });
    worker.onerror = (event) => {
      event.preventDefault();
      end(new Error(event.message));
    };
    worker.onmessage = ({ data }: MessageEvent<Extract<Reply, { type: 'started' }>>) =>
      resolve({ port: worker, locked: data.locked, isOnPage: false });
  });
  try {
    return await startWithDeadline(program, started);
  } catch (thrown) {
    worker.terminate();
    throw thrown;
  }
}

async function startOnPage(program: URL, life: AbortSignal): Promise<StartedWorker> {
  const { serve } = await importWithDeadline(importIntactCopy(program), life).catch((thrown) => {
    throw thrown instanceof Stalled ? knownError('download-stalled', program) : thrown;
  });
  life.throwIfAborted();
  const { port1, port2 } = new MessageChannel();
  const stop = serve(port2);
  life.addEventListener('abort', () => {
    stop();
    port1.close();
  });
  return { port: port1, locked: false, isOnPage: true };
}

/**
 * Imports the program into this thread: the first copy whose wasm instance has not trapped. A URL fragment makes the
 * browser create another module from the same file.
 */
async function importIntactCopy(program: URL): Promise<typeof import('./worker.js')> {
  for (let copy = 0; ; copy++) {
    const url = copy === 0 ? program.href : `${program.href}#${copy}`;
    const module: typeof import('./worker.js') = await import(/* @vite-ignore */ /* webpackIgnore: true */ url);
    if (!module.isBroken()) return module;
  }
}
