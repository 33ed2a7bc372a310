import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import simd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import threaded from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import plain from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import { macrotask } from '../../../../pkg/src/worker/macrotask.js';
import { BATCH, type BackendName, DROPOUT, LEARNING_RATE, N_CLASSES, N_ROWS, type NetworkName, ROWS, type Round, WEIGHT_DECAY } from './shapes.js';

/** Request to the worker. */
export type BenchRequest = { type: 'begin'; network: NetworkName; backend: BackendName } | { type: 'round'; seconds: number };

/** Properties of a started run. */
export interface RunInfo {
  version: string;
  /** Number of parameters, including the running averages of batch norm. */
  parameters: number;
  /** Name of the WebGL renderer; empty on other backends. */
  renderer: string;
}

export type BenchReply = { value: RunInfo | Round } | { error: string };

/** A network that maps rows `[batch, height, width]` to logits `[batch, N_CLASSES]`. */
interface Network {
  logits(rows: tf.Tensor3D): tf.Tensor2D;
  layers: tf.layers.Layer[];
}

/** Number of warm-up steps, which compile shaders and allocate memory. */
const WARM_UP = 1;

/** Number of steps between two waits for the device, which works asynchronously. */
const WAIT_EVERY: Record<NetworkName, number> = { cnn: 1, head: N_ROWS / BATCH };

/** The network of `src/models/cnn.rs` with the channels of `src/session/task.rs`. */
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
      let x = rows.expandDims<tf.Tensor4D>(3); // [batch, nMels, nColumns, 1]
      for (const { conv, norm, residual, pool } of blocks) {
        const normalised = norm.apply(conv.apply(x), { training: true }) as tf.Tensor4D;
        x = tf.relu(residual ? normalised.add<tf.Tensor4D>(x) : normalised);
        if (pool) x = pool.apply(x) as tf.Tensor4D;
      }
      const features = tf.concat([x.mean<tf.Tensor3D>(1), x.max<tf.Tensor3D>(1)], 2); // [batch, nSteps, nFeatures]
      const steps = head.apply(tf.dropout(features, DROPOUT)) as tf.Tensor3D;
      return steps.mean<tf.Tensor2D>(1);
    },
    layers: [...blocks.flatMap(({ conv, norm }) => [conv, norm]), head],
  };
}

/** The linear layer that a transfer run trains. */
function head(): Network {
  const layer = tf.layers.dense({ units: N_CLASSES });
  return { logits: (rows) => layer.apply(rows.squeeze([1])) as tf.Tensor2D, layers: [layer] };
}

/** A network with its rows and its optimiser. */
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
    // Layers create their weights on the first call, and the optimiser needs them.
    tf.tidy(() => this.#network.logits(tf.zeros([1, height, width])));
  }

  get parameters(): number {
    return this.#network.layers.reduce((sum, layer) => sum + layer.countParams(), 0);
  }

  /** Trains for at least so many seconds and so many steps. */
  async train({ seconds = 0, steps: minSteps = 1 }): Promise<Round> {
    const start = performance.now();
    for (let steps = 1; ; steps++) {
      const loss = this.#takeStep();
      const due = steps % WAIT_EVERY[this.name] === 0 || steps === minSteps;
      if (due) await loss.data();
      loss.dispose();
      // Yields to incoming messages, as Tonearm does.
      await macrotask();
      const elapsed = (performance.now() - start) / 1000;
      if (due && elapsed >= seconds && steps >= minSteps) return { steps, seconds: elapsed };
    }
  }

  /** Takes a step of AdamW: Adam with decoupled weight decay. */
  #takeStep(): tf.Scalar {
    const [height, width] = this.#shape;
    const first = (this.#step++ * BATCH) % N_ROWS;
    return tf.tidy(() => {
      const rows = tf.tensor3d(this.#rows.subarray(first * height * width, (first + BATCH) * height * width), [BATCH, height, width]);
      const targets = tf.oneHot(tf.tensor1d(this.#classes.subarray(first, first + BATCH), 'int32'), N_CLASSES);
      const loss = this.#adam.minimize(() => tf.losses.softmaxCrossEntropy(targets, this.#network.logits(rows)) as tf.Scalar, true);
      const decay = tf.scalar(1 - LEARNING_RATE * WEIGHT_DECAY);
      for (const layer of this.#network.layers) {
        for (const weight of layer.trainableWeights) weight.write(weight.read().mul(decay));
      }
      if (!loss) throw new Error('TensorFlow.js returned no loss');
      return loss;
    });
  }

  /** Takes the warm-up steps. */
  warmUp(): Promise<Round> {
    return this.train({ steps: WARM_UP });
  }
}

function renderer(): string {
  const gl = new OffscreenCanvas(1, 1).getContext('webgl2');
  const info = gl?.getExtension('WEBGL_debug_renderer_info');
  return gl && info ? String(gl.getParameter(info.UNMASKED_RENDERER_WEBGL)) : '';
}

let run: TheirRun | undefined;

async function handle(request: BenchRequest): Promise<RunInfo | Round> {
  if (request.type === 'round') {
    if (!run) throw new Error('no run was started');
    return run.train({ seconds: request.seconds });
  }
  const { network, backend } = request;
  setWasmPaths({
    'tfjs-backend-wasm.wasm': plain,
    'tfjs-backend-wasm-simd.wasm': simd,
    'tfjs-backend-wasm-threaded-simd.wasm': threaded,
  });
  if (!(await tf.setBackend(backend))) throw new Error(`the backend ${backend} failed to start`);
  await tf.ready();
  run = new TheirRun(network);
  await run.warmUp();
  return { version: tf.version.tfjs, parameters: run.parameters, renderer: backend === 'webgl' ? renderer() : '' };
}

self.onmessage = async ({ data }: MessageEvent<BenchRequest>) => {
  const reply: BenchReply = await handle(data).then(
    (value) => ({ value }),
    (thrown: unknown) => ({ error: thrown instanceof Error ? thrown.message : String(thrown) }),
  );
  self.postMessage(reply);
};
