import type { WasmClassifier, WasmModule } from '../../../../pkg/src/worker/wasm.js';
import { start, windows } from './our-networks.js';
import { type BenchInput, N_MELS, N_MFCC, serve } from './tasks.js';

/** Additional exports of the benchmark module. */
interface Stages {
  readonly nFrames: number;
  ffts(): number;
  mel(): number;
  mfcc(): number;
  resample(): number;
}

type BenchModule = WasmModule & {
  Stages: new (samples: Float32Array, sampleRate: number, nMels: number, nMfcc: number) => Stages;
};

/** The default network. */
const DEFAULT_NETWORK = 'fusion';

/** Classifies a whole track in steps, as the package's worker does. */
async function track(network: WasmClassifier, samples: Float32Array, sampleRate: number) {
  const analysis = network.analyse([samples], sampleRate, false);
  while ((await analysis.step()) < 1);
  return analysis.finish();
}

serve(async ({ samples, sampleRate, folder }: BenchInput) => {
  const { module, networks } = await start(folder, 'bench');
  const stages = new (module as BenchModule).Stages(samples, sampleRate, N_MELS, N_MFCC);
  const { tasks, ...info } = await windows(networks);
  return {
    tasks: {
      ffts: () => stages.ffts(),
      mel: () => stages.mel(),
      mfcc: () => stages.mfcc(),
      resample: () => stages.resample(),
      track: () => track(networks.get(DEFAULT_NETWORK)!, samples, sampleRate),
      ...tasks,
    },
    ...info,
    frames: stages.nFrames,
  };
});
