import type { Assets } from './assets.js';
import { secondsOf } from '../audio/decode.js';
import { coreError } from './errors.js';
import { GpuFailed, moduleFor, requireWorker } from './gpu-failed.js';
import type { Loaded, Results } from '../worker/protocol.js';
import { type Backend, type Samples, TonearmError } from '../types.js';
import { WorkerHolder } from './worker-holder.js';
import { RequestFailed, type WorkerLink, WorkerLost } from './worker-link.js';

/**
 * Seconds without a message after which the worker counts as hung, by request. They are long enough for slow
 * phones: a worker that ends is detected at once, so they only matter for one that hangs.
 */
const TIMEOUT_SECONDS = { load: 60, warmUp: 60, window: 30 };

/** Additional seconds per second of audio, since resampling the whole track sends no message. */
const RESAMPLE_TIMEOUT_SECONDS = 0.1;

/** Number of waveform peaks, enough for a wide screen. */
const N_PEAKS = 1200;

interface AnalyseOptions {
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: number) => void) | undefined;
}

/** Runs inference in a worker. */
export class InferenceClient {
  readonly #assets: Assets<Backend>;
  readonly #holder: WorkerHolder<Loaded>;

  constructor(assets: Assets<Backend>) {
    this.#assets = assets;
    this.#holder = new WorkerHolder(assets.url('worker'), (link, backend) => this.#load(link, backend));
  }

  /** Loads a backend into the worker, once per worker, and returns the metadata of the weights. */
  load(backend: Backend): Promise<Loaded> {
    return this.#holder.load(backend);
  }

  async #load(link: WorkerLink, backend: Backend): Promise<Loaded> {
    await requireWorker(backend, link);
    // Downloads the CPU module as well, so that the CPU can take over even if the connection is lost by then.
    if (backend === 'webgpu') this.#assets.module('cpu').catch(() => undefined);
    const downloads = [moduleFor(backend, this.#assets.module(backend)), this.#assets.weights()] as const;
    const [module, weights] = await Promise.all(downloads).catch(async (thrown) => {
      // A stalled connection usually stalls both downloads. Waiting for both lets the next track start new ones
      // instead of joining one that is about to stall.
      if (thrown instanceof TonearmError && thrown.code === 'download-stalled') await Promise.allSettled(downloads);
      throw thrown;
    });
    try {
      const request = { type: 'load', backend, module, weights } as const;
      return await link.request<'load'>(request, { timeoutSeconds: TIMEOUT_SECONDS.load });
    } catch (thrown) {
      if (!(thrown instanceof RequestFailed)) throw thrown;
      if (thrown.part === 'weights') {
        this.#assets.evictWeights();
        throw coreError('weights', thrown);
      }
      throw backend === 'webgpu' ? new GpuFailed('gpu-failed', thrown.message) : new WorkerLost(thrown.message);
    }
  }

  /** Measures the inference time of one window, in seconds. Compiles the kernels first. */
  async warmUp(backend: Backend): Promise<number> {
    await this.load(backend);
    const result = await this.#holder.link.request<'warm-up'>({ type: 'warm-up', backend }, { timeoutSeconds: TIMEOUT_SECONDS.warmUp });
    return result.seconds;
  }

  /** Analyses a track. The samples are transferred to the worker and therefore empty afterwards. */
  async analyse(backend: Backend, samples: Samples, withSpectrogram: boolean, options: AnalyseOptions): Promise<Results['analyse']> {
    const { channels, sampleRate } = samples;
    return this.#holder.link.request<'analyse'>(
      { type: 'analyse', backend, channels, sampleRate, nPeaks: N_PEAKS, withSpectrogram },
      {
        timeoutSeconds: TIMEOUT_SECONDS.window + secondsOf(samples) * RESAMPLE_TIMEOUT_SECONDS,
        transfer: [...new Set(channels.map((channel) => channel.buffer))],
        ...options,
      },
    );
  }

  /**
   * Classifies rows of a table.
   *
   * @param rows - `[nRows][nColumns]`, concatenated.
   */
  async table(rows: Float32Array): Promise<Results['table']> {
    await this.load('cpu');
    return this.#holder.link.request<'table'>({ type: 'table', backend: 'cpu', rows }, { timeoutSeconds: TIMEOUT_SECONDS.window });
  }

  /** Ends the worker. The next request starts another. */
  end() {
    this.#holder.end();
  }

  /** Ends the worker permanently. */
  close() {
    this.#holder.close();
  }
}
