/** The address of a file, as Vite gives it. */
declare module '*?url' {
  const url: string;
  export default url;
}

/** As much of Essentia.js as is measured; it has no types for these files. */
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
