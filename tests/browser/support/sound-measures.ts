/** Samples of a frame. */
const FRAME = 2048;

/** Samples from one frame to the next: every other stretch is enough, and twice as fast. */
const HOP = 2 * FRAME;

/** A sound by few numbers. */
export interface Measures {
  /** RMS, in dB below full scale. */
  loudness: number;
  /** Mean over the frames of the centroid of the magnitudes, in Hz, as librosa has it. */
  centroid: number;
  /** Centroid of the magnitudes of all frames together, in Hz. */
  overallCentroid: number;
  /** Mean over the frames of the logarithm of the flatness: 0 for white noise, less for tones. */
  flatness: number;
  /** Deviation over the frames of their loudness, in dB: small where notes are held. */
  unrest: number;
  /** Mean change of a magnitude's logarithm from frame to frame: small where nothing begins. */
  flux: number;
}

/** Measures a mono sound; written apart from the page's own code, which it is to check. */
export function measure(samples: Float32Array, sampleRate: number): Measures {
  const frames: number[][] = [];
  for (let start = 0; start + FRAME <= samples.length; start += HOP) frames.push(magnitudes(samples.subarray(start, start + FRAME)));
  const centroidOf = (magnitudes: number[]) => {
    const weighted = magnitudes.reduce((sum, magnitude, bin) => sum + magnitude * bin, 0);
    return (weighted / sumOf(magnitudes)) * (sampleRate / FRAME);
  };
  const levels = frames.map((frame) => 10 * Math.log10(sumOf(frame.map((magnitude) => magnitude ** 2)) + 1e-12));
  const logs = frames.map((frame) => frame.map((magnitude) => Math.log(magnitude + 1e-9)));
  const changes = logs.slice(1).map((log, i) => meanOf(log.map((value, bin) => Math.abs(value - logs[i]![bin]!))));
  return {
    loudness: 10 * Math.log10(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length),
    centroid: meanOf(frames.map(centroidOf)),
    overallCentroid: centroidOf(frames[0]!.map((_, bin) => sumOf(frames.map((frame) => frame[bin]!)))),
    flatness: meanOf(frames.map((frame, i) => meanOf(logs[i]!) - Math.log(meanOf(frame)))),
    unrest: Math.sqrt(meanOf(levels.map((level) => (level - meanOf(levels)) ** 2))),
    flux: meanOf(changes),
  };
}

/** Magnitudes of the spectrum of a frame under a Hann window. */
function magnitudes(frame: Float32Array): number[] {
  const windowed = Array.from(frame, (sample, i) => sample * (0.5 - 0.5 * Math.cos((2 * Math.PI * i) / frame.length)));
  const { real, imaginary } = fourier(windowed);
  return real.slice(0, frame.length / 2 + 1).map((x, bin) => Math.hypot(x, imaginary[bin]!));
}

/** The Fourier transform of real numbers, the textbook's way: that of the even ones and that of the odd ones. */
function fourier(values: number[]): { real: number[]; imaginary: number[] } {
  const n = values.length;
  if (n === 1) return { real: values, imaginary: [0] };
  const even = fourier(values.filter((_, i) => i % 2 === 0));
  const odd = fourier(values.filter((_, i) => i % 2 === 1));
  const [real, imaginary] = [new Array<number>(n), new Array<number>(n)];
  for (let k = 0; k < n / 2; k++) {
    const [cosine, sine] = [Math.cos((2 * Math.PI * k) / n), -Math.sin((2 * Math.PI * k) / n)];
    const x = odd.real[k]! * cosine - odd.imaginary[k]! * sine;
    const y = odd.real[k]! * sine + odd.imaginary[k]! * cosine;
    real[k] = even.real[k]! + x;
    imaginary[k] = even.imaginary[k]! + y;
    real[k + n / 2] = even.real[k]! - x;
    imaginary[k + n / 2] = even.imaginary[k]! - y;
  }
  return { real, imaginary };
}

function sumOf(values: number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

function meanOf(values: number[]): number {
  return sumOf(values) / values.length;
}
