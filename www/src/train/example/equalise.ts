import { BINS, FRAME, magnitudes } from './spectrum.js';
import { SAMPLE_RATE } from './tape.js';

/** Frequency, in Hz, at which the tilt filter has unit gain. */
const PIVOT_HZ = 1_000;

/** Maximum difference in gain between low and high frequencies, in dB. */
const MAX_TILT_DB = 48;

/** Number of bisection steps, which give a resolution of a tenth of a dB. */
const BISECTIONS = 10;

/** Number of frames to analyse, evenly spaced over the clip. Must be even. */
const FRAMES = 64;

/** Maximum peak of a clip. The gain of a louder clip is reduced. */
const MAX_PEAK = 0.98;

/** A filter that tilts the spectrum: y[i] = b0 x[i] + b1 x[i - 1] - a1 y[i - 1]. */
interface Tilt {
  b0: number;
  b1: number;
  a1: number;
}

/** Tilts a clip's spectrum in place so that the mean over time of its spectral centroid is `hertz`. */
export function setCentroid(samples: Float32Array, hertz: number) {
  const spectra = magnitudes(samples, FRAMES);
  let [low, high] = [-MAX_TILT_DB, MAX_TILT_DB];
  for (let i = 0; i < BISECTIONS; i++) {
    const middle = (low + high) / 2;
    if (meanCentroid(spectra, gainsOf(tilt(middle))) < hertz) low = middle;
    else high = middle;
  }
  apply(tilt((low + high) / 2), samples);
}

/** Scales a clip in place to an RMS level, in dB relative to full scale. */
export function setLoudness(samples: Float32Array, decibels: number) {
  let sum = 0;
  let peak = 0;
  for (let i = 0; i < samples.length; i++) {
    const sample = samples[i]!;
    sum += sample * sample;
    if (sample > peak) peak = sample;
    else if (-sample > peak) peak = -sample;
  }
  const rms = Math.sqrt(sum / samples.length);
  const gain = Math.min(10 ** (decibels / 20) / rms, MAX_PEAK / peak);
  for (let i = 0; i < samples.length; i++) samples[i]! *= gain;
}

/** The filter (gain s + pivot) / (s + gain pivot), discretised by the bilinear transform. */
function tilt(decibels: number): Tilt {
  const gain = 10 ** (decibels / 40);
  const pivot = Math.tan((Math.PI * PIVOT_HZ) / SAMPLE_RATE);
  const scale = 1 / (1 + gain * pivot);
  return { b0: (gain + pivot) * scale, b1: (pivot - gain) * scale, a1: (gain * pivot - 1) * scale };
}

/** Gain of a tilt filter in each bin: `[BINS]`. */
function gainsOf({ b0, b1, a1 }: Tilt): Float64Array {
  return Float64Array.from({ length: BINS }, (_, bin) => {
    const cosine = Math.cos((2 * Math.PI * bin) / FRAME);
    return Math.sqrt((b0 * b0 + b1 * b1 + 2 * b0 * b1 * cosine) / (1 + a1 * a1 + 2 * a1 * cosine));
  });
}

function apply({ b0, b1, a1 }: Tilt, samples: Float32Array) {
  let before = 0;
  let last = 0;
  for (let i = 0; i < samples.length; i++) {
    const sample = samples[i]!;
    last = b0 * sample + b1 * before - a1 * last;
    before = sample;
    samples[i] = last;
  }
}

/** Mean over the frames of the spectral centroid, in Hz, after the gains are applied. `spectra` is `[nFrames][BINS]`. */
function meanCentroid(spectra: Float32Array, gains: Float64Array): number {
  let total = 0;
  for (let start = 0; start < spectra.length; start += BINS) {
    let sum = 0;
    let weighted = 0;
    for (let bin = 0; bin < BINS; bin++) {
      const magnitude = gains[bin]! * spectra[start + bin]!;
      sum += magnitude;
      weighted += bin * magnitude;
    }
    if (sum > 0) total += weighted / sum;
  }
  return (total / (spectra.length / BINS)) * (SAMPLE_RATE / FRAME);
}
