import type { Backend, NetworkName, TableNetworkName } from './types.js';

// Bundlers find assets by `new URL('literal', import.meta.url)`, so each address is written out. All of them are relative to
// `dist/`, where everything is bundled into one folder that is as deep as `src/`: this file stays at its top.

/** Address of the module for inference on a backend. */
export function inferenceModule(backend: Backend): URL {
  return backend === 'cpu'
    ? new URL('../wasm/cpu/tonearm_web_bg.wasm', import.meta.url)
    : new URL('../wasm/webgpu/tonearm_web_bg.wasm', import.meta.url);
}

/** Address of the program that every worker runs. */
export function workerProgram(): URL {
  return new URL('./worker.js', import.meta.url);
}

/** Address of a weights file of the package. */
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
