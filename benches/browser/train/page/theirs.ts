import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import simd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import threaded from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import plain from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import { macrotask } from '../../../../pkg/src/worker/worker-shell.js';
import { BATCH, type BackendName, DROPOUT, LEARNING_RATE, N_CLASSES, N_ROWS, type NetworkName, ROWS, type Round, WEIGHT_DECAY } from './shapes.js';

/** What the worker is asked. */
export type Question = { type: 'begin'; network: NetworkName; backend: BackendName } | { type: 'round'; seconds: number };

/** What a run of theirs is on. */
export interface Begun {
  version: string;
  /** Numbers of the network, with the running averages of batch norm. */
  parameters: number;
  /** What WebGL draws with; empty on other backends. */
  renderer: string;
}

export type Reply = { answer: Begun | Round } | { error: string };

type Picture = tf.Tensor4D;

/** A network: from rows `[batch, height, width]` to logits `[batch, N_CLASSES]`. */
interface Network {
  logits(rows: tf.Tensor3D): tf.Tensor2D;
  layers: tf.layers.Layer[];
}

/** Steps before the first that counts: shaders are compiled and memory is taken. */
const WARM_UP = 1;

/** Steps between two waits for the device, which may run behind. */
const WAIT_EVERY: Record<NetworkName, number> = { cnn: 1, head: N_ROWS / BATCH };

/** The same layers as `src/models/cnn.rs` with the channels of `src/session/task.rs`. */
function cnn(): Network {
  const conv = (filters: number, kernelSize = 3, strides = 1) =>
    tf.layers.conv2d({ filters, kernelSize, strides, padding: 'same', useBias: false });
  const pool = (poolSize: [number, number]) => tf.layers.maxPooling2d({ poolSize });
  const blocks = [
    { conv: conv(8, 5, 2), pool: pool([2, 2]) },
    { conv: conv(16) },
    { conv: conv(16), residual: true, pool: pool([2, 2]) },
    { conv: conv(32) },
    { conv: conv(32), residual: true, pool: pool([2, 1]) },
    { conv: conv(64) },
  ].map((block) => ({ ...block, norm: tf.layers.batchNormalization({ epsilon: 1e-5, momentum: 0.9 }) }));
  const head = tf.layers.dense({ units: N_CLASSES });
  return {
    logits(rows) {
      let x = rows.expandDims<Picture>(3); // [batch, n_mels, n_columns, 1]
      for (const { conv, norm, residual, pool } of blocks) {
        const made = norm.apply(conv.apply(x), { training: true }) as Picture;
        x = tf.relu(residual ? made.add<Picture>(x) : made);
        if (pool) x = pool.apply(x) as Picture;
      }
      const features = tf.concat([x.mean<tf.Tensor3D>(1), x.max<tf.Tensor3D>(1)], 2); // [batch, n_steps, n_features]
      const steps = head.apply(tf.dropout(features, DROPOUT)) as tf.Tensor3D;
      return steps.mean<tf.Tensor2D>(1);
    },
    layers: [...blocks.flatMap(({ conv, norm }) => [conv, norm]), head],
  };
}

/** A linear layer, as transfer trains it. */
function head(): Network {
  const layer = tf.layers.dense({ units: N_CLASSES });
  return { logits: (rows) => layer.apply(rows.squeeze([1])) as tf.Tensor2D, layers: [layer] };
}

/** A network with its rows in memory, and what takes its steps. */
class TheirRun {
  readonly #network: Network;
  readonly #shape: [number, number];
  readonly #rows: Float32Array;
  readonly #classes = Int32Array.from({ length: N_ROWS }, (_, row) => row % N_CLASSES);
  readonly #adam = tf.train.adam(LEARNING_RATE, 0.9, 0.999, 1e-5);
  #step = 0;

  constructor(readonly name: NetworkName) {
    this.#network = name === 'cnn' ? cnn() : head();
    this.#shape = ROWS[name];
    const [height, width] = this.#shape;
    this.#rows = Float32Array.from({ length: N_ROWS * height * width }, () => Math.random() - 0.5);
    // Layers are made of the first rows that they see, and an optimiser wants them made.
    tf.tidy(() => this.#network.logits(tf.zeros([1, height, width])));
  }

  get parameters(): number {
    return this.#network.layers.reduce((sum, layer) => sum + layer.countParams(), 0);
  }

  /** Takes steps for at least so many seconds, or so many steps. */
  async take({ seconds = 0, steps: wanted = 1 }): Promise<Round> {
    const start = performance.now();
    for (let steps = 1; ; steps++) {
      const loss = this.#take();
      const due = steps % WAIT_EVERY[this.name] === 0 || steps === wanted;
      if (due) await loss.data();
      loss.dispose();
      // Lets messages in, as ours does.
      await macrotask();
      const took = (performance.now() - start) / 1000;
      if (due && took >= seconds && steps >= wanted) return { steps, seconds: took };
    }
  }

  /** One step of AdamW: Adam, and the decay apart from the gradient. */
  #take(): tf.Scalar {
    const [height, width] = this.#shape;
    const first = (this.#step++ * BATCH) % N_ROWS;
    return tf.tidy(() => {
      const rows = tf.tensor3d(this.#rows.subarray(first * height * width, (first + BATCH) * height * width), [BATCH, height, width]);
      const targets = tf.oneHot(tf.tensor1d(this.#classes.subarray(first, first + BATCH), 'int32'), N_CLASSES);
      const loss = this.#adam.minimize(() => tf.losses.softmaxCrossEntropy(targets, this.#network.logits(rows)) as tf.Scalar, true);
      const kept = tf.scalar(1 - LEARNING_RATE * WEIGHT_DECAY);
      for (const layer of this.#network.layers) {
        for (const weight of layer.trainableWeights) weight.write(weight.read().mul(kept));
      }
      if (!loss) throw new Error('TensorFlow.js gave no loss');
      return loss;
    });
  }

  /** Takes the steps that do not count. */
  warmUp(): Promise<Round> {
    return this.take({ steps: WARM_UP });
  }
}

function renderer(): string {
  const gl = new OffscreenCanvas(1, 1).getContext('webgl2');
  const info = gl?.getExtension('WEBGL_debug_renderer_info');
  return gl && info ? String(gl.getParameter(info.UNMASKED_RENDERER_WEBGL)) : '';
}

let run: TheirRun | undefined;

async function answer(question: Question): Promise<Begun | Round> {
  if (question.type === 'round') {
    if (!run) throw new Error('no run was begun');
    return run.take({ seconds: question.seconds });
  }
  const { network, backend } = question;
  setWasmPaths({
    'tfjs-backend-wasm.wasm': plain,
    'tfjs-backend-wasm-simd.wasm': simd,
    'tfjs-backend-wasm-threaded-simd.wasm': threaded,
  });
  if (!(await tf.setBackend(backend))) throw new Error(`the backend ${backend} could not be started`);
  await tf.ready();
  run = new TheirRun(network);
  await run.warmUp();
  return { version: tf.version.tfjs, parameters: run.parameters, renderer: backend === 'webgl' ? renderer() : '' };
}

self.onmessage = async ({ data }: MessageEvent<Question>) => {
  const reply: Reply = await answer(data).then(
    (answer) => ({ answer }),
    (thrown: unknown) => ({ error: thrown instanceof Error ? thrown.message : String(thrown) }),
  );
  self.postMessage(reply);
};
