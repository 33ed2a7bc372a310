import { Engine, TrainingClient, type TrainProgress, type TrainRun } from 'tonearm';
import type { FileFeatures, ProjectContent, TrainSettings } from 'tonearm/project';
import { BATCH, DROPOUT, LEARNING_RATE, N_CLASSES, N_ROWS, type NetworkName, ROWS, type Round, WEIGHT_DECAY } from './shapes.js';

/** Number of epochs, which no benchmark reaches. */
const EPOCHS = 100_000;

/** A training run of Tonearm in its own worker, paused between rounds. */
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

  /** Starts a run, and pauses it after its first epochs. */
  static async begin(network: NetworkName): Promise<OurRun> {
    const client = new TrainingClient();
    const settings = await settingsFor(client, network);
    const content = await project(client);
    client.close();
    const run = new OurRun((client, onProgress) => client.train(content, settings, { onProgress }));
    await Promise.race([run.#nextEpoch(), run.#run.done]);
    run.#run.pause();
    return run;
  }

  /** Trains for at least so many seconds, from the end of one epoch to the end of another. */
  async round(seconds: number): Promise<Round> {
    this.#run.resume();
    const first = await this.#nextEpoch();
    const start = performance.now();
    for (;;) {
      const epoch = await this.#nextEpoch();
      const elapsed = (performance.now() - start) / 1000;
      if (elapsed < seconds) continue;
      this.#run.pause();
      return { steps: ((epoch - first) * N_ROWS) / BATCH, seconds: elapsed };
    }
  }

  /** Stops the run. Returns the number of parameters of its network, including the running averages of batch norm. */
  async end(): Promise<number> {
    this.#run.stop();
    const { weights } = await this.#run.done;
    this.#client.close();
    const engine = new Engine({ weights, backend: 'cpu' });
    const { modelCard } = await engine.metadata();
    engine.close();
    return modelCard.nParameters;
  }

  /** Waits for the next report and returns the number of its last epoch. */
  #nextEpoch(): Promise<number> {
    return new Promise((resolve) => (this.#onEpochs = resolve));
  }
}

/** Settings with as little work as possible besides steps: one validation window per class and no augmentation. */
async function settingsFor(client: TrainingClient, network: NetworkName): Promise<TrainSettings> {
  const settings = await client.settings(network === 'cnn' ? 'cnn' : 'transfer', 'quick');
  const shared = { batch: BATCH, optimizer: 'adamw', learningRate: LEARNING_RATE, weightDecay: WEIGHT_DECAY } as const;
  const dropout = network === 'cnn' ? DROPOUT : 0;
  return { ...settings, ...shared, dropout, augment: false, epochs: EPOCHS, patience: EPOCHS, validation: 1e-6, folds: 0 };
}

/** A project with files of one noise window each: {@link N_ROWS} for training and one of each class for validation. */
async function project(client: TrainingClient): Promise<ProjectContent> {
  const [height, width] = ROWS.cnn;
  const { features } = await client.features({ channels: [noise(30 * 22_050)], sampleRate: 22_050 });
  if (features.mel.length !== height * width) throw new Error('the log-mel patch of a window has another size');
  const files = Array.from({ length: N_ROWS + N_CLASSES }, (_, index) => ({
    name: `Noise ${index}`,
    class: index % N_CLASSES,
    artist: null,
    seconds: 30,
    features: { ...features, mel: randomBytes(height * width) } satisfies FileFeatures,
  }));
  return { name: 'Noise', table: null, classes: Array.from({ length: N_CLASSES }, (_, index) => `Class ${index}`), files };
}

const noise = (n: number) => Float32Array.from({ length: n }, () => Math.random() - 0.5);

const randomBytes = (n: number) => Uint8Array.from({ length: n }, () => Math.random() * 256);
