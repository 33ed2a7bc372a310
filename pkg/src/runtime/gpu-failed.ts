import { messageOf } from './errors.js';
import { texts } from '../text/texts.js';
import type { Backend } from '../types.js';
import { RequestFailed, type WorkerLink, WorkerLost } from './worker-link.js';

/** The GPU cannot be used or has failed. The message is a clause. */
export class GpuFailed extends Error {}

/** Throws {@link GpuFailed} for the GPU if no worker is allowed, since a GPU that hangs can only be stopped by ending its worker. */
export async function requireWorker(backend: Backend, link: WorkerLink) {
  if (backend === 'webgpu' && (await link.isOnPage())) throw new GpuFailed(texts.gpuNeedsWorker);
}

/** Waits for the module of a backend. If that of the GPU cannot be loaded, throws {@link GpuFailed}. */
export async function moduleFor(backend: Backend, module: Promise<WebAssembly.Module>): Promise<WebAssembly.Module> {
  try {
    return await module;
  } catch (thrown) {
    throw backend === 'webgpu' ? new GpuFailed(messageOf(thrown)) : thrown;
  }
}

/** Converts the failure of an action on the GPU to {@link GpuFailed}. */
export async function attributeToGpu<T>(backend: Backend, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (thrown) {
    if (backend !== 'webgpu') throw thrown;
    if (thrown instanceof WorkerLost) throw new GpuFailed(reasonOf(thrown));
    if (thrown instanceof RequestFailed) throw new GpuFailed(thrown.message);
    throw thrown;
  }
}

/** Why the worker was lost, in the words of the texts, since the message of a trap is meant for developers. */
function reasonOf({ silent, message }: WorkerLost): string {
  if (silent) return texts.gpuSilent;
  return message === texts.gpuLost ? texts.gpuLost : texts.gpuCrashed;
}
