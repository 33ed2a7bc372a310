/** URL of a file, resolved by Vite. */
declare module '*?url' {
  const url: string;
  export default url;
}

/** The parts of Essentia.js that are measured. The package has no types for these files. */
declare module 'essentia.js/dist/essentia-wasm.es.js' {
  export const EssentiaWASM: object;
}

declare module 'essentia.js/dist/essentia.js-core.es.js' {
  interface Vector {
    delete(): void;
  }
  interface Frames extends Vector {
    get(index: number): Vector;
  }
  export default class Essentia {
    constructor(wasm: object);
    FrameGenerator(samples: Float32Array, frameSize: number, hopSize: number): Frames;
    Windowing(frame: Vector, normalized: boolean, size: number, type: string): { frame: Vector };
    Spectrum(frame: Vector, size: number): { spectrum: Vector };
    MFCC(
      spectrum: Vector,
      dctType: number,
      highFrequencyBound: number,
      inputSize: number,
      liftering: number,
      logType: string,
      lowFrequencyBound: number,
      normalize: string,
      numberBands: number,
      numberCoefficients: number,
      sampleRate: number,
    ): { bands: Vector; mfcc: Vector };
    vectorToArray(vector: Vector): Float32Array;
  }
}
