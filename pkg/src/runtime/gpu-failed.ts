import { messageOf } from './errors.js';
import { texts } from '../text/texts.js';
import type { Backend } from '../types.js';
import { Refused, type WorkerLink, WorkerLost } from './worker-link.js';

/** The graphics card cannot be used, or stopped; the reason is a clause. */
export class DeviceFailed extends Error {}

/** Fails where a backend needs a worker and there is none: a graphics card that hangs is ended with its worker. */
export async function needsWorker(backend: Backend, link: WorkerLink) {
  if (backend === 'webgpu' && (await link.onPage())) throw new DeviceFailed(texts.gpuNeedsWorker);
}

/** The module of a backend; that the graphics card's cannot be had is the card's failure. */
export async function moduleFor(backend: Backend, module: Promise<WebAssembly.Module>): Promise<WebAssembly.Module> {
  try {
    return await module;
  } catch (thrown) {
    throw backend === 'webgpu' ? new DeviceFailed(messageOf(thrown)) : thrown;
  }
}

/** Turns any failure of what runs on the graphics card into {@link DeviceFailed}. */
export async function blamingGpu<T>(backend: Backend, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (thrown) {
    if (backend !== 'webgpu') throw thrown;
    if (thrown instanceof WorkerLost) throw new DeviceFailed(lossOf(thrown));
    if (thrown instanceof Refused) throw new DeviceFailed(thrown.message);
    throw thrown;
  }
}

/** How a worker was lost, in words for a person; a trap's own are for a programmer. */
function lossOf({ silent, message }: WorkerLost): string {
  if (silent) return texts.gpuSilent;
  return message === texts.gpuLost ? texts.gpuLost : texts.gpuBroke;
}
