import type { Samples } from 'tonearm';

/** Length of the header in bytes. */
const HEADER_BYTES = 44;

/** Number of samples that are converted without a break, which takes a few milliseconds. */
const SLICE_LENGTH = 1 << 17;

/** Encodes channels of equal length as a 16-bit PCM wav file. Yields to the event loop between slices, so that the page stays responsive. */
export async function wavOf({ channels, sampleRate }: Samples): Promise<Blob> {
  const length = channels[0]?.length ?? 0;
  const pcm = new Int16Array(length * channels.length);
  for (let start = 0; start < length; start += SLICE_LENGTH) {
    const end = Math.min(start + SLICE_LENGTH, length);
    channels.forEach((channel, c) => {
      for (let i = start; i < end; i++) {
        const sample = Math.min(Math.max(channel[i] ?? 0, -1), 1);
        pcm[i * channels.length + c] = Math.round(sample * 32_767);
      }
    });
    await new Promise((resolve) => setTimeout(resolve));
  }
  return new Blob([header(channels.length, sampleRate, pcm.byteLength), pcm], { type: 'audio/wav' });
}

function header(nChannels: number, sampleRate: number, dataBytes: number): ArrayBuffer {
  const bytes = new ArrayBuffer(HEADER_BYTES);
  const view = new DataView(bytes);
  const text = (at: number, letters: string) => [...letters].forEach((l, i) => view.setUint8(at + i, l.charCodeAt(0)));
  text(0, 'RIFF');
  view.setUint32(4, HEADER_BYTES - 8 + dataBytes, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, nChannels, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, sampleRate * nChannels * 2, true);
  view.setUint16(32, nChannels * 2, true);
  view.setUint16(34, 16, true);
  text(36, 'data');
  view.setUint32(40, dataBytes, true);
  return bytes;
}
