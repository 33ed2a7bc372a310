import { trouble } from '../runtime/errors.js';
import type { Reply } from './protocol.js';
import { Stalled, importWithDeadline, startWithDeadline } from '../runtime/stall-deadline.js';

/** The worker's program, running. */
export interface Started {
  /** What it is asked and answers by. */
  port: Worker | MessagePort;
  /** Whether it holds the lock of its name. */
  locked: boolean;
  /** Whether it runs on the page's own thread. */
  onPage: boolean;
}

/**
 * Runs the worker's program: in a worker from its own address, which must be of the page's origin;
 * else in one that the page makes, which imports it; and where no worker is permitted, on the page's
 * own thread, where it lets the page paint between two windows. It ends when `life` is aborted.
 *
 * # Errors
 * A `TonearmError` if the download of the program stalls.
 */
export async function start(program: URL, name: string, life: AbortSignal): Promise<Started> {
  for (const route of [ownAddress, importing]) {
    try {
      return await route(program, name, life);
    } catch (thrown) {
      life.throwIfAborted();
      // The other routes fetch the same file.
      if (thrown instanceof Stalled) throw trouble('download-stalled', program);
    }
  }
  return onPage(program, life);
}

async function ownAddress(program: URL, name: string, life: AbortSignal): Promise<Started> {
  return firstWord(new Worker(program, { type: 'module', name }), program, life);
}

/** A classic worker: a module worker from a blob fails where the origin is opaque. */
async function importing(program: URL, name: string, life: AbortSignal): Promise<Started> {
  // Thrown anew outside of the promise, where the page hears it.
  const script = `import(${JSON.stringify(program)}).catch((thrown) => setTimeout(() => { throw thrown; }));`;
  const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  try {
    return await firstWord(new Worker(url, { name }), program, life);
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** Waits until a worker says that it runs. */
async function firstWord(worker: Worker, program: URL, life: AbortSignal): Promise<Started> {
  const started = new Promise<Started>((resolve, reject) => {
    const end = (reason: unknown) => {
      worker.terminate();
      reject(reason);
    };
    // It stays as long as the worker runs, which it ends.
    life.addEventListener('abort', () => end(life.reason), { once: true });
    worker.onerror = (event) => {
      event.preventDefault();
      end(new Error(event.message));
    };
    worker.onmessage = ({ data }: MessageEvent<Extract<Reply, { type: 'alive' }>>) =>
      resolve({ port: worker, locked: data.locked, onPage: false });
  });
  try {
    return await startWithDeadline(program, started);
  } catch (thrown) {
    worker.terminate();
    throw thrown;
  }
}

async function onPage(program: URL, life: AbortSignal): Promise<Started> {
  const { serve } = await importWithDeadline(wholeCopy(program), life).catch((thrown) => {
    throw thrown instanceof Stalled ? trouble('download-stalled', program) : thrown;
  });
  life.throwIfAborted();
  const { port1, port2 } = new MessageChannel();
  const leave = serve(port2);
  life.addEventListener('abort', () => {
    leave();
    port1.close();
  });
  return { port: port1, locked: false, onPage: true };
}

/** The program in this thread: its first copy that has not broken off. A fragment makes a module of its own, of the same file. */
async function wholeCopy(program: URL): Promise<typeof import('./worker.js')> {
  for (let copy = 0; ; copy++) {
    const address = copy === 0 ? program.href : `${program.href}#${copy}`;
    const module: typeof import('./worker.js') = await import(/* @vite-ignore */ /* webpackIgnore: true */ address);
    if (!module.isBroken()) return module;
  }
}
