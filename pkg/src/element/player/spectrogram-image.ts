import type { Spectrogram } from '../../types.js';

/** Longest time to draw without interruption, in milliseconds; short enough to not drop a frame. */
const SLICE_MS = 6;

/** Red, green and blue, from 0 to 255. */
export type Rgb = readonly [number, number, number];

/**
 * Draws a spectrogram on a canvas, low frequencies at the bottom, and yields to the event loop regularly.
 *
 * `levels` are the colour stops from silence to the loudest level. Spectrogram columns that share a column of the
 * canvas are averaged. Aborting `signal` stops the drawing.
 */
export async function drawSpectrogram(
  canvas: HTMLCanvasElement,
  spectrogram: Spectrogram,
  levels: readonly Rgb[],
  signal: AbortSignal,
): Promise<void> {
  const context = canvas.getContext('2d');
  if (!context) return;
  const { width, height } = canvas;
  const image = context.createImageData(width, height);
  const colours = interpolate(levels);
  for (let x = 0; x < width; ) {
    const from = x;
    const end = performance.now() + SLICE_MS;
    while (x < width && performance.now() < end) drawColumn(image, x++, spectrogram, colours);
    context.putImageData(image, 0, 0, from, 0, x - from, height);
    await new Promise((resolve) => setTimeout(resolve));
    if (signal.aborted) return;
  }
}

function drawColumn(image: ImageData, x: number, { data, nColumns, nMels }: Spectrogram, colours: Uint8ClampedArray) {
  const first = Math.floor((x * nColumns) / image.width);
  const last = Math.max(Math.floor(((x + 1) * nColumns) / image.width), first + 1);
  for (let mel = 0; mel < nMels; mel++) {
    let sum = 0;
    for (let column = first; column < last; column++) sum += data[column * nMels + mel] ?? 0;
    const level = Math.round(sum / (last - first));
    const pixel = ((nMels - 1 - mel) * image.width + x) * 4;
    image.data.set(colours.subarray(level * 4, level * 4 + 4), pixel);
  }
}

/** RGBA colours for all levels, `[256][4]`, interpolated linearly between the stops. */
function interpolate(stops: readonly Rgb[]): Uint8ClampedArray {
  const colours = new Uint8ClampedArray(256 * 4).fill(255);
  for (let level = 0; level < 256; level++) {
    const position = (level / 255) * (stops.length - 1);
    const low = Math.min(Math.floor(position), stops.length - 2);
    for (let i = 0; i < 3; i++) {
      const [from, to] = [stops[low]?.[i] ?? 0, stops[low + 1]?.[i] ?? 0];
      colours[level * 4 + i] = from + (to - from) * (position - low);
    }
  }
  return colours;
}
