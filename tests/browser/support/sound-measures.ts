/** Length of a frame, in samples. */
const FRAME = 2048;

/** Step from one frame to the next, in samples. Every other frame is enough and takes half the time. */
const HOP = 2 * FRAME;

/** Descriptive statistics of a sound. */
export interface Measures {
  /** RMS level, in dB relative to full scale. */
  loudness: number;
  /** Mean spectral centroid of the frames, in Hz, defined as in librosa. */
  centroid: number;
  /** Spectral centroid of the summed magnitudes of all frames, in Hz. */
  overallCentroid: number;
  /** Mean log spectral flatness of the frames: near 0 for white noise, lower for tones. */
  flatness: number;
  /** Standard deviation of the level of the frames, in dB: small for sustained notes. */
  levelDeviation: number;
  /** Mean change of a log magnitude from frame to frame: small without note onsets. */
  flux: number;
}

/** Measures a mono sound. Shares no code with the page, so that tests can check the page with it. */
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
    levelDeviation: Math.sqrt(meanOf(levels.map((level) => (level - meanOf(levels)) ** 2))),
    flux: meanOf(changes),
  };
}

/** Magnitude spectrum of a frame with a Hann window. */
function magnitudes(frame: Float32Array): number[] {
  const windowed = Array.from(frame, (sample, i) => sample * (0.5 - 0.5 * Math.cos((2 * Math.PI * i) / frame.length)));
  const { real, imaginary } = fourier(windowed);
  return real.slice(0, frame.length / 2 + 1).map((x, bin) => Math.hypot(x, imaginary[bin]!));
}

/** Recursive radix-2 FFT of real numbers. */
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
