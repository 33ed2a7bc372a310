import { hasAdapter } from './gpu.js';
import { attributeToGpu } from './gpu-failed.js';
import type { InferenceClient } from './inference-client.js';
import { windowSeconds } from '../metadata.js';
import type { Backend, BackendChoice, Fallback } from '../types.js';

/**
 * Shortest estimated inference time on the CPU, in seconds, for which the GPU module is downloaded. It is several
 * times as large as the CPU module.
 */
const MIN_CPU_SECONDS = 2;

/** Chooses the backend for each track. */
export class DeviceChoice {
  readonly #requested: BackendChoice;
  readonly #client: InferenceClient;
  #adapter: Promise<boolean> | undefined;
  /** Inference time per window on the CPU. */
  #cpuSeconds: number | undefined;
  #faster: Backend | undefined;
  #fallback: Fallback | null = null;

  constructor(requested: BackendChoice, client: InferenceClient) {
    this.#requested = requested;
    this.#client = client;
  }

  /** Why the CPU is used although the GPU was requested or chosen; null otherwise. */
  get fallback(): Fallback | null {
    return this.#fallback;
  }

  /** Stops using the GPU. */
  disableGpu(reason: Fallback) {
    this.#fallback = reason;
  }

  /** The backend to load before the track is decoded. */
  async initial(): Promise<Backend> {
    if (this.#requested !== 'webgpu' || this.#fallback) return 'cpu';
    if (await this.#hasAdapter()) return 'webgpu';
    this.#fallback = { code: 'gpu-absent', detail: '' };
    return 'cpu';
  }

  /**
   * Chooses and loads the backend that analyses a track.
   *
   * @param initial - The backend from {@link initial}.
   * @param seconds - Length of the track.
   */
  async forTrack(initial: Backend, seconds: number): Promise<Backend> {
    if (this.#requested !== 'auto' || this.#fallback) return initial;
    const { metadata } = await this.#client.load('cpu');
    const window = windowSeconds(metadata) ?? Infinity;
    this.#cpuSeconds ??= await this.#client.warmUp('cpu');
    // Windows overlap by half.
    const estimate = (this.#cpuSeconds * seconds) / (window / 2);
    if (estimate < MIN_CPU_SECONDS || !(await this.#hasAdapter())) return 'cpu';
    const cpuSeconds = this.#cpuSeconds;
    this.#faster ??= (await attributeToGpu('webgpu', () => this.#client.warmUp('webgpu'))) < cpuSeconds ? 'webgpu' : 'cpu';
    const faster = this.#faster;
    await attributeToGpu(faster, () => this.#client.load(faster));
    return faster;
  }

  #hasAdapter(): Promise<boolean> {
    return (this.#adapter ??= hasAdapter());
  }
}
