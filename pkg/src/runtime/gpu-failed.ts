import { messageOf } from './errors.js';
import type { Backend, Fallback } from '../types.js';
import { RequestFailed, type WorkerLink, WorkerLost } from './worker-link.js';

/**
 * The GPU cannot be used or has failed. `Engine` then analyses the track again on the CPU, and `WorkerRun` continues a
 * training run there. `onDeviceLost` in `gpu.ts` and `WorkerLink` detect the failure.
 */
export class GpuFailed extends Error {
  /** Why the CPU has to take over. */
  readonly fallback: Fallback;

  /** @param detail - English message of the failure, if it has no code of its own. */
  constructor(code: Fallback['code'], detail = '') {
    super(detail || code);
    this.fallback = { code, detail };
  }
}

/** Throws {@link GpuFailed} for the GPU if no worker is allowed, since a GPU that hangs can only be stopped by ending its worker. */
export async function requireWorker(backend: Backend, link: WorkerLink) {
  if (backend === 'webgpu' && (await link.isOnPage())) throw new GpuFailed('gpu-needs-worker');
}

/** Waits for the module of a backend. If that of the GPU cannot be loaded, throws {@link GpuFailed}. */
export async function moduleFor(backend: Backend, module: Promise<WebAssembly.Module>): Promise<WebAssembly.Module> {
  try {
    return await module;
  } catch (thrown) {
    throw backend === 'webgpu' ? new GpuFailed('gpu-failed', messageOf(thrown)) : thrown;
  }
}

/** Converts the failure of an action on the GPU to {@link GpuFailed}. */
export async function attributeToGpu<T>(backend: Backend, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (thrown) {
    if (backend !== 'webgpu') throw thrown;
    if (thrown instanceof WorkerLost) throw new GpuFailed(codeOf(thrown));
    if (thrown instanceof RequestFailed) throw new GpuFailed('gpu-failed', thrown.message);
    throw thrown;
  }
}

/** Why the worker was lost. The message of a trap is not used, since it is meant for developers. */
function codeOf({ kind }: WorkerLost): Fallback['code'] {
  switch (kind) {
    case 'silent':
      return 'gpu-silent';
    case 'gpu-lost':
      return 'gpu-lost';
    case 'ended':
      return 'gpu-crashed';
  }
}
