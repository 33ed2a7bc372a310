import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs';
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import simd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import threaded from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import plain from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import { SHAPES, type Tasks, serve } from './tasks.js';

const N_LABELS = 8;

type Layer = tf.layers.Layer;

/** The network of `src/models/cnn.rs`. Its output are the logits of each step, `[1, nSteps, N_LABELS]`. */
function cnn(): tf.LayersModel {
  const { layers } = tf;
  const input = tf.input({ shape: [128, 128, 1] });
  let x = input;
  const block = (filters: number, { kernel = 3, stride = 1, residual = false, pool = [1, 1] as [number, number] } = {}) => {
    const convolved = layers.conv2d({ filters, kernelSize: kernel, strides: stride, padding: 'same', useBias: false }).apply(x);
    let next = layers.batchNormalization({ epsilon: 1e-5 }).apply(convolved) as tf.SymbolicTensor;
    if (residual) next = layers.add().apply([next, x]) as tf.SymbolicTensor;
    next = layers.reLU().apply(next) as tf.SymbolicTensor;
    if (pool[0] > 1) next = layers.maxPooling2d({ poolSize: pool }).apply(next) as tf.SymbolicTensor;
    x = next;
  };
  block(16, { kernel: 5, stride: 2, pool: [2, 2] });
  block(32);
  block(32, { residual: true, pool: [2, 2] });
  block(64);
  block(64, { residual: true, pool: [2, 1] });
  block(128);
  // Pools over the bands: [8, 16, 128] to [1, 16, 128].
  const mean = layers.averagePooling2d({ poolSize: [8, 1] }).apply(x);
  const max = layers.maxPooling2d({ poolSize: [8, 1] }).apply(x);
  const features = layers.concatenate({ axis: 3 }).apply([mean, max] as tf.SymbolicTensor[]);
  const steps = layers.reshape({ targetShape: [16, 256] }).apply(features);
  return tf.model({ inputs: input, outputs: layers.dense({ units: N_LABELS }).apply(steps) as tf.SymbolicTensor });
}

/** The network of `src/models/rnn.rs`, except that TensorFlow.js applies the reset gate before the matrix product. */
function rnn(): tf.LayersModel {
  const { layers } = tf;
  const input = tf.input({ shape: [130, 20] });
  let x = input;
  for (const kernelSize of [5, 3, 3]) {
    for (const layer of [
      layers.conv1d({ filters: 64, kernelSize, strides: 2, padding: 'same', useBias: false }),
      layers.batchNormalization({ epsilon: 1e-5 }),
      layers.reLU(),
    ] as Layer[]) {
      x = layer.apply(x) as tf.SymbolicTensor;
    }
  }
  const gru = layers.gru({ units: 64, returnSequences: true, recurrentActivation: 'sigmoid' }) as tf.RNN;
  const states = layers.bidirectional({ layer: gru, mergeMode: 'concat' }).apply(x); // [batch, 17, 128]
  // Pools over each half. The middle frame belongs to both.
  const halves = [0, 8].map((skip) => {
    const half = layers.cropping2D({ cropping: [[skip, 8 - skip], [0, 0]] });
    const part = half.apply(layers.reshape({ targetShape: [17, 1, 128] }).apply(states) as tf.SymbolicTensor);
    const mean = layers.averagePooling2d({ poolSize: [9, 1] }).apply(part);
    const max = layers.maxPooling2d({ poolSize: [9, 1] }).apply(part);
    return layers.concatenate({ axis: 3 }).apply([mean, max] as tf.SymbolicTensor[]);
  });
  const both = layers.concatenate({ axis: 1 }).apply(halves as tf.SymbolicTensor[]);
  const steps = layers.reshape({ targetShape: [2, 256] }).apply(both);
  return tf.model({ inputs: input, outputs: layers.dense({ units: N_LABELS }).apply(steps) as tf.SymbolicTensor });
}

serve(async () => {
  setWasmPaths({
    'tfjs-backend-wasm.wasm': plain,
    'tfjs-backend-wasm-simd.wasm': simd,
    'tfjs-backend-wasm-threaded-simd.wasm': threaded,
  });
  setThreadsCount(1);
  if (!(await tf.setBackend('wasm'))) throw new Error('the wasm backend failed to start');
  await tf.ready();
  const tasks: Tasks = {};
  const parameters: Record<string, number> = {};
  for (const [name, network] of Object.entries({ cnn: cnn(), rnn: rnn() })) {
    const [batch, height, width] = SHAPES[name as keyof typeof SHAPES];
    const rows = name === 'cnn' ? tf.zeros([batch, height, width, 1]) : tf.zeros([batch, height, width]);
    tasks[name] = () => {
      const logits = network.predict(rows) as tf.Tensor;
      const values = logits.dataSync();
      logits.dispose();
      return values;
    };
    parameters[name] = network.countParams();
  }
  return { tasks, parameters };
});
