import type { Spectrogram } from '../../types.js';

/** Time that one slice of drawing may take, in milliseconds: short of a dropped frame. */
const SLICE_MS = 6;

type Rgb = readonly [number, number, number];

/** From silence to the loudest, on paper and in the dark. */
const RAMPS: Record<'light' | 'dark', readonly Rgb[]> = {
  light: [[243, 239, 232], [226, 180, 150], [180, 65, 28], [52, 18, 8]],
  dark: [[20, 18, 16], [92, 36, 20], [226, 116, 62], [255, 235, 205]],
};

/**
 * Draws a spectrogram into a canvas in short slices, low bands at the bottom.
 *
 * Columns that fall on one column of the canvas are averaged. Stops early when `signal` aborts.
 */
export async function drawSpectrogram(
  canvas: HTMLCanvasElement,
  spectrogram: Spectrogram,
  theme: 'light' | 'dark',
  signal: AbortSignal,
): Promise<void> {
  const context = canvas.getContext('2d');
  if (!context) return;
  const { width, height } = canvas;
  const image = context.createImageData(width, height);
  const ramp = rampOf(RAMPS[theme]);
  for (let x = 0; x < width; ) {
    const from = x;
    const end = performance.now() + SLICE_MS;
    while (x < width && performance.now() < end) drawColumn(image, x++, spectrogram, ramp);
    context.putImageData(image, 0, 0, from, 0, x - from, height);
    await new Promise((resolve) => setTimeout(resolve));
    if (signal.aborted) return;
  }
}

function drawColumn(image: ImageData, x: number, { data, n_columns, n_mels }: Spectrogram, ramp: Uint8ClampedArray) {
  const first = Math.floor((x * n_columns) / image.width);
  const last = Math.max(Math.floor(((x + 1) * n_columns) / image.width), first + 1);
  for (let mel = 0; mel < n_mels; mel++) {
    let sum = 0;
    for (let column = first; column < last; column++) sum += data[column * n_mels + mel] ?? 0;
    const level = Math.round(sum / (last - first));
    const pixel = ((n_mels - 1 - mel) * image.width + x) * 4;
    image.data.set(ramp.subarray(level * 4, level * 4 + 4), pixel);
  }
}

/** `[256][4]` colours, straight lines between the stops. */
function rampOf(stops: readonly Rgb[]): Uint8ClampedArray {
  const ramp = new Uint8ClampedArray(256 * 4).fill(255);
  for (let level = 0; level < 256; level++) {
    const at = (level / 255) * (stops.length - 1);
    const low = Math.min(Math.floor(at), stops.length - 2);
    for (let i = 0; i < 3; i++) {
      const [from, to] = [stops[low]?.[i] ?? 0, stops[low + 1]?.[i] ?? 0];
      ramp[level * 4 + i] = from + (to - from) * (at - low);
    }
  }
  return ramp;
}
