import { blamingGpu } from './device-failed.js';
import { hasAdapter } from './gpu.js';
import type { Host } from './host.js';
import { texts } from '../text/texts.js';
import { type Backend, type BackendChoice, windowSeconds } from '../types.js';

/**
 * Seconds of network time on the CPU from which the graphics card is worth its download, which
 * is several times the CPU's.
 */
const WORTH_SECONDS = 2;

/** Decides, track by track, what computes. */
export class DeviceChoice {
  readonly #wanted: BackendChoice;
  readonly #host: Host;
  #adapter: Promise<boolean> | undefined;
  #cpuSeconds: number | undefined;
  #faster: Backend | undefined;
  #trouble: string | null = null;

  constructor(wanted: BackendChoice, host: Host) {
    this.#wanted = wanted;
    this.#host = host;
  }

  /** Why the CPU answers although the graphics card was to; null otherwise. */
  get trouble(): string | null {
    return this.#trouble;
  }

  /** Leaves the graphics card alone from now on. */
  giveUpGpu(reason: string) {
    this.#trouble = reason;
  }

  /** What to load before a track is decoded. */
  async first(): Promise<Backend> {
    if (this.#wanted !== 'webgpu' || this.#trouble) return 'cpu';
    if (await this.#hasAdapter()) return 'webgpu';
    this.#trouble = texts.gpuAbsent;
    return 'cpu';
  }

  /** What is to analyse a track of so many seconds; loads it. */
  async forTrack(first: Backend, seconds: number): Promise<Backend> {
    if (this.#wanted !== 'auto' || this.#trouble) return first;
    const { card } = await this.#host.load('cpu');
    const window = windowSeconds(card) ?? Infinity;
    this.#cpuSeconds ??= await this.#host.warmUp('cpu');
    // Windows begin half a window apart.
    const estimate = (this.#cpuSeconds * seconds) / (window / 2);
    if (estimate < WORTH_SECONDS || !(await this.#hasAdapter())) return 'cpu';
    const onCpu = this.#cpuSeconds;
    this.#faster ??= (await blamingGpu('webgpu', () => this.#host.warmUp('webgpu'))) < onCpu ? 'webgpu' : 'cpu';
    const faster = this.#faster;
    await blamingGpu(faster, () => this.#host.load(faster));
    return faster;
  }

  #hasAdapter(): Promise<boolean> {
    return (this.#adapter ??= hasAdapter());
  }
}
