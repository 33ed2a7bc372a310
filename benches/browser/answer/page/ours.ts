import type { WasmClassifier, WasmModule } from '../../../../pkg/src/worker/wasm.js';
import { start, windows } from './our-networks.js';
import { type Given, N_MELS, N_MFCC, serve } from './tasks.js';

/** What the module of the benchmark exports beside. */
interface Stages {
  readonly n_frames: number;
  ffts(): number;
  mel(): number;
  mfcc(): number;
  resample(): number;
}

type BenchModule = WasmModule & {
  Stages: new (samples: Float32Array, sampleRate: number, nMels: number, nMfcc: number) => Stages;
};

/** The network that answers where nobody chooses. */
const DEFAULT = 'fusion';

/** Features and networks of a whole track, as the package's worker steps through it. */
async function track(network: WasmClassifier, samples: Float32Array, sampleRate: number) {
  const analysis = network.analyse([samples], sampleRate);
  while ((await analysis.step()) < 1);
  return analysis.finish();
}

serve(async ({ samples, sampleRate, folder }: Given) => {
  const { module, networks } = await start(folder, 'bench');
  const stages = new (module as BenchModule).Stages(samples, sampleRate, N_MELS, N_MFCC);
  const { tasks, ...begun } = await windows(networks);
  return {
    tasks: {
      ffts: () => stages.ffts(),
      mel: () => stages.mel(),
      mfcc: () => stages.mfcc(),
      resample: () => stages.resample(),
      track: () => track(networks.get(DEFAULT)!, samples, sampleRate),
      ...tasks,
    },
    ...begun,
    frames: stages.n_frames,
  };
});
