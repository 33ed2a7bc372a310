import { Engine, TrainingClient, type TrainProgress, type TrainRun } from 'tonearm';
import type { FileFeatures, ProjectContent, TrainSettings } from 'tonearm/project';
import { BATCH, DROPOUT, LEARNING_RATE, N_CLASSES, N_ROWS, type NetworkName, ROWS, type Round, WEIGHT_DECAY } from './shapes.js';

/** The most that there can be: no bench comes to their end. */
const EPOCHS = 100_000;

/** A run of ours, in a worker of its own as the page has it, that waits between two rounds. */
export class OurRun {
  readonly #client = new TrainingClient();
  readonly #run: TrainRun;
  #onEpochs: ((last: number) => void) | undefined;

  private constructor(run: (client: TrainingClient, onProgress: (progress: TrainProgress) => void) => TrainRun) {
    this.#run = run(this.#client, (progress) => {
      const last = progress.kind === 'epochs' && progress.epochs.at(-1);
      if (last) this.#onEpochs?.(last.epoch);
    });
  }

  /** Begins a run, and waits when its first epochs are over. */
  static async begin(network: NetworkName): Promise<OurRun> {
    const helper = new TrainingClient();
    const settings = await settingsFor(helper, network);
    const content = await project(helper);
    helper.close();
    const run = new OurRun((client, onProgress) => client.train(content, settings, { onProgress }));
    await Promise.race([run.#epochs(), run.#run.done]);
    run.#run.pause();
    return run;
  }

  /** Takes steps for at least so long, from the end of an epoch to the end of another. */
  async round(seconds: number): Promise<Round> {
    this.#run.resume();
    const first = await this.#epochs();
    const start = performance.now();
    for (;;) {
      const epoch = await this.#epochs();
      const took = (performance.now() - start) / 1000;
      if (took < seconds) continue;
      this.#run.pause();
      return { steps: ((epoch - first) * N_ROWS) / BATCH, seconds: took };
    }
  }

  /** Ends it; numbers of the network that it made, with the running averages of batch norm. */
  async end(): Promise<number> {
    this.#run.stop();
    const { weights } = await this.#run.done;
    this.#client.close();
    const engine = new Engine({ weights, backend: 'cpu' });
    const { card } = await engine.card();
    engine.close();
    return card.n_parameters;
  }

  /** Number of the latest epoch, as soon as one is told. */
  #epochs(): Promise<number> {
    return new Promise((resolve) => (this.#onEpochs = resolve));
  }
}

/** So that only steps count: one window of each class validates, and nothing is augmented. */
async function settingsFor(client: TrainingClient, network: NetworkName): Promise<TrainSettings> {
  const settings = await client.settings(network === 'cnn' ? 'cnn' : 'transfer', 'quick');
  const same = { batch: BATCH, optimizer: 'adamw', learning_rate: LEARNING_RATE, weight_decay: WEIGHT_DECAY } as const;
  const dropout = network === 'cnn' ? DROPOUT : 0;
  return { ...settings, ...same, dropout, augment: false, epochs: EPOCHS, patience: EPOCHS, validation: 1e-6, folds: 0 };
}

/** Files of one window of noise each, {@link N_ROWS} and one more of each class. */
async function project(client: TrainingClient): Promise<ProjectContent> {
  const [height, width] = ROWS.cnn;
  const { features } = await client.features({ channels: [noise(30 * 22_050)], sampleRate: 22_050 });
  if (features.mel.length !== height * width) throw new Error('a window is no picture of that size');
  const files = Array.from({ length: N_ROWS + N_CLASSES }, (_, index) => ({
    name: `Noise ${index}`,
    class: index % N_CLASSES,
    artist: null,
    seconds: 30,
    features: { ...features, mel: greys(height * width) } satisfies FileFeatures,
  }));
  return { name: 'Noise', table: null, classes: Array.from({ length: N_CLASSES }, (_, index) => `Class ${index}`), files };
}

const noise = (n: number) => Float32Array.from({ length: n }, () => Math.random() - 0.5);

const greys = (n: number) => Uint8Array.from({ length: n }, () => Math.random() * 256);
