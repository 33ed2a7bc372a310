import type { Backend, NetworkName, TableNetworkName } from './types.js';

// Bundlers only detect assets in `new URL('literal', import.meta.url)`, so each URL is written out. The URLs are relative to
// `dist/`, into which everything is bundled, so this file must stay at the top level of `src/`.

/** URL of the inference module of a backend. */
export function inferenceModule(backend: Backend): URL {
  return backend === 'cpu'
    ? new URL('../wasm/cpu/tonearm_web_bg.wasm', import.meta.url)
    : new URL('../wasm/webgpu/tonearm_web_bg.wasm', import.meta.url);
}

/** URL of the worker's script. */
export function workerProgram(): URL {
  return new URL('./worker.js', import.meta.url);
}

/** URL of a weights file in the package. */
export function shippedWeights(network: NetworkName | TableNetworkName): URL {
  switch (network) {
    case 'fusion':
      return new URL('../weights/fusion.bpk', import.meta.url);
    case 'cnn':
      return new URL('../weights/cnn.bpk', import.meta.url);
    case 'rnn':
      return new URL('../weights/rnn.bpk', import.meta.url);
    case 'mlp-eleven':
      return new URL('../weights/mlp-eleven.bpk', import.meta.url);
    case 'mlp-four':
      return new URL('../weights/mlp-four.bpk', import.meta.url);
    case 'mlp-rock-electronic':
      return new URL('../weights/mlp-rock-electronic.bpk', import.meta.url);
  }
}
