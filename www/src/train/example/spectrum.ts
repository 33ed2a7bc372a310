/** Frame length in samples. */
export const FRAME = 2048;

/** Number of bins of a frame's spectrum. */
export const BINS = FRAME / 2 + 1;

const COSINES = Float64Array.from({ length: FRAME }, (_, i) => Math.cos((2 * Math.PI * i) / FRAME));
const SINES = Float64Array.from({ length: FRAME }, (_, i) => -Math.sin((2 * Math.PI * i) / FRAME));
const HANN = COSINES.map((cosine) => 0.5 - 0.5 * cosine);

/**
 * Magnitude spectra of Hann-windowed frames that are evenly spaced over the samples.
 *
 * # Shapes
 * - returns `[count][BINS]`, row-major; `count` is even
 */
export function magnitudes(samples: Float32Array, count: number): Float32Array {
  const out = new Float32Array(count * BINS);
  const real = new Float64Array(FRAME);
  const imaginary = new Float64Array(FRAME);
  const hop = (samples.length - FRAME) / (count - 1);
  for (let frame = 0; frame < count; frame += 2) {
    // One transform computes two frames: one as the real part, the other as the imaginary part.
    const [first, second] = [Math.floor(frame * hop), Math.floor((frame + 1) * hop)];
    for (let i = 0; i < FRAME; i++) {
      real[i] = HANN[i]! * samples[first + i]!;
      imaginary[i] = HANN[i]! * samples[second + i]!;
    }
    transform(real, imaginary);
    for (let bin = 0; bin < BINS; bin++) {
      const mirror = (FRAME - bin) % FRAME;
      const [a, b, c, d] = [real[bin]!, imaginary[bin]!, real[mirror]!, imaginary[mirror]!];
      out[frame * BINS + bin] = Math.sqrt((a + c) ** 2 + (b - d) ** 2) / 2;
      out[(frame + 1) * BINS + bin] = Math.sqrt((b + d) ** 2 + (c - a) ** 2) / 2;
    }
  }
  return out;
}

/** Computes the radix-2 FFT in place. */
function transform(real: Float64Array, imaginary: Float64Array) {
  for (let i = 1, j = 0; i < FRAME; i++) {
    let bit = FRAME >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      [real[i], real[j]] = [real[j]!, real[i]!];
      [imaginary[i], imaginary[j]] = [imaginary[j]!, imaginary[i]!];
    }
  }
  for (let half = 1; half < FRAME; half *= 2) {
    const stride = FRAME / (2 * half);
    for (let start = 0; start < FRAME; start += 2 * half) {
      for (let k = 0; k < half; k++) {
        const i = start + k;
        const j = i + half;
        const [cosine, sine] = [COSINES[k * stride]!, SINES[k * stride]!];
        const x = real[j]! * cosine - imaginary[j]! * sine;
        const y = real[j]! * sine + imaginary[j]! * cosine;
        real[j] = real[i]! - x;
        imaginary[j] = imaginary[i]! - y;
        real[i]! += x;
        imaginary[i]! += y;
      }
    }
  }
}
