import type { WasmModule } from '../../../../pkg/src/wasm.js';
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

serve(async ({ samples, sampleRate, folder }: Given) => {
  const { module, networks } = await start(folder, 'bench');
  const stages = new (module as BenchModule).Stages(samples, sampleRate, N_MELS, N_MFCC);
  const { tasks, parameters } = windows(networks);
  return {
    tasks: {
      ffts: () => stages.ffts(),
      mel: () => stages.mel(),
      mfcc: () => stages.mfcc(),
      resample: () => stages.resample(),
      ...tasks,
    },
    parameters,
    frames: stages.n_frames,
  };
});
