import type { Assets } from './assets.js';
import { secondsOf } from '../audio/decode.js';
import { DeviceFailed, moduleFor, needsWorker } from './device-failed.js';
import { refusal } from './errors.js';
import type { Answers, Loaded } from '../worker/protocol.js';
import { type Backend, type Samples, TonearmError } from '../types.js';
import { WorkerHolder } from './worker-holder.js';
import { Refused, type WorkerLink, WorkerLost } from './worker-link.js';

/**
 * Longest silence, in seconds, by what the worker is at. Generous, since a slow phone is no fault:
 * an end that the browser shows is noticed at once, and this is for what never answers.
 */
const PATIENCE = { load: 60, warmUp: 60, window: 30 };

/** More of it while a track is opened, in seconds per second of track: resampling is one long step. */
const PATIENCE_TO_OPEN = 0.1;

/** Parts of the waveform picture: enough for a wide screen. */
const N_PEAKS = 1200;

/** What a job may listen to and stop. */
export interface JobHooks {
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: number) => void) | undefined;
}

/** A worker that answers. */
export class Host {
  readonly #assets: Assets<Backend>;
  readonly #holder: WorkerHolder<Loaded>;

  constructor(assets: Assets<Backend>) {
    this.#assets = assets;
    this.#holder = new WorkerHolder(assets.address('worker'), (link, backend) => this.#load(link, backend));
  }

  /** Loads one backend into the worker, once per worker, and gives what the weights hold. */
  load(backend: Backend): Promise<Loaded> {
    return this.#holder.load(backend);
  }

  async #load(link: WorkerLink, backend: Backend): Promise<Loaded> {
    await needsWorker(backend, link);
    // So that the CPU can take over from a graphics card that fails, with the network gone or not.
    if (backend === 'webgpu') this.#assets.module('cpu').catch(() => undefined);
    const downloads = [moduleFor(backend, this.#assets.module(backend)), this.#assets.weights()] as const;
    const [module, weights] = await Promise.all(downloads).catch(async (thrown) => {
      // A connection that stalls usually stalls both. The next track starts new downloads and joins neither.
      if (thrown instanceof TonearmError && thrown.code === 'download-stalled') await Promise.allSettled(downloads);
      throw thrown;
    });
    try {
      const question = { type: 'load', backend, module, weights } as const;
      return await link.request<'load'>(question, { patience: PATIENCE.load });
    } catch (thrown) {
      if (!(thrown instanceof Refused)) throw thrown;
      if (thrown.part === 'weights') {
        this.#assets.dropWeights();
        throw refusal('weights', thrown.message);
      }
      throw backend === 'webgpu' ? new DeviceFailed(thrown.message) : new WorkerLost(thrown.message);
    }
  }

  /** Seconds that one window takes, kernels compiled. */
  async warmUp(backend: Backend): Promise<number> {
    await this.load(backend);
    const answer = await this.#holder.link.request<'warm-up'>({ type: 'warm-up', backend }, { patience: PATIENCE.warmUp });
    return answer.seconds;
  }

  /** Analyses one track; the samples are transferred, and so empty afterwards. */
  async analyse(backend: Backend, samples: Samples, hooks: JobHooks): Promise<Answers['analyse']> {
    const { channels, sampleRate } = samples;
    return this.#holder.link.request<'analyse'>(
      { type: 'analyse', backend, channels, sampleRate, nPeaks: N_PEAKS },
      {
        patience: PATIENCE.window + secondsOf(samples) * PATIENCE_TO_OPEN,
        transfer: [...new Set(channels.map((channel) => channel.buffer))],
        ...hooks,
      },
    );
  }

  /** Classifies rows of a table, one after the other in `rows`. */
  async table(rows: Float32Array): Promise<Answers['table']> {
    await this.load('cpu');
    return this.#holder.link.request<'table'>({ type: 'table', backend: 'cpu', rows }, { patience: PATIENCE.window });
  }

  /** Ends the worker; the next request starts another. */
  end() {
    this.#holder.end();
  }

  /** Ends the worker for good. */
  close() {
    this.#holder.close();
  }
}
