import Essentia from 'essentia.js/dist/essentia.js-core.es.js';
import { EssentiaWASM } from 'essentia.js/dist/essentia-wasm.es.js';
import { FRAME, HOP, N_MELS, N_MFCC, serve } from './tasks.js';

serve(async ({ samples, sampleRate }) => {
  const essentia = new Essentia(EssentiaWASM);
  const n = 1 + Math.floor((samples.length - FRAME) / HOP);
  return {
    frames: n,
    tasks: {
      mfcc() {
        const coefficients = new Float32Array(n * N_MFCC);
        const frames = essentia.FrameGenerator(samples, FRAME, HOP);
        for (let index = 0; index < n; index++) {
          const frame = frames.get(index);
          const windowed = essentia.Windowing(frame, true, FRAME, 'hann').frame;
          const { spectrum } = essentia.Spectrum(windowed, FRAME);
          const { bands, mfcc } = essentia.MFCC(
            spectrum, 2, sampleRate / 2, FRAME / 2 + 1, 0, 'dbamp', 0, 'unit_sum', N_MELS, N_MFCC, sampleRate,
          );
          coefficients.set(essentia.vectorToArray(mfcc), index * N_MFCC);
          for (const vector of [frame, windowed, spectrum, bands, mfcc]) vector.delete();
        }
        frames.delete();
        return coefficients;
      },
    },
  };
});
