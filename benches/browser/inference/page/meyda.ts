import Meyda from 'meyda';
import { FRAME, N_MELS, N_MFCC, framesOf, serve } from './tasks.js';

serve(async ({ samples, sampleRate }) => {
  Object.assign(Meyda, { bufferSize: FRAME, sampleRate, melBands: N_MELS, numberOfMFCCCoefficients: N_MFCC, windowingFunction: 'hanning' });
  const mfcc = () => [...framesOf(samples)].map((frame) => Meyda.extract('mfcc', frame) as unknown as number[]);
  return { tasks: { mfcc }, frames: [...framesOf(samples)].length };
});
