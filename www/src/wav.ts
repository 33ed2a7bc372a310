/** Bytes before the samples. */
const HEADER = 44;

/** Samples that are converted in one go: a few milliseconds' worth. */
const SLICE = 1 << 17;

/** A 16 bit PCM wav file of the buffer; written in slices, so that the page stays awake. */
export async function wavOf(buffer: AudioBuffer): Promise<Blob> {
  const channels = Array.from({ length: buffer.numberOfChannels }, (_, i) => buffer.getChannelData(i));
  const pcm = new Int16Array(buffer.length * channels.length);
  for (let start = 0; start < buffer.length; start += SLICE) {
    const end = Math.min(start + SLICE, buffer.length);
    channels.forEach((channel, c) => {
      for (let i = start; i < end; i++) {
        const sample = Math.min(Math.max(channel[i] ?? 0, -1), 1);
        pcm[i * channels.length + c] = Math.round(sample * 32_767);
      }
    });
    await new Promise((resolve) => setTimeout(resolve));
  }
  return new Blob([header(buffer, pcm.byteLength), pcm], { type: 'audio/wav' });
}

function header({ numberOfChannels, sampleRate }: AudioBuffer, dataBytes: number): ArrayBuffer {
  const bytes = new ArrayBuffer(HEADER);
  const view = new DataView(bytes);
  const text = (at: number, letters: string) => [...letters].forEach((l, i) => view.setUint8(at + i, l.charCodeAt(0)));
  text(0, 'RIFF');
  view.setUint32(4, HEADER - 8 + dataBytes, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, numberOfChannels, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, sampleRate * numberOfChannels * 2, true);
  view.setUint16(32, numberOfChannels * 2, true);
  view.setUint16(34, 16, true);
  text(36, 'data');
  view.setUint32(40, dataBytes, true);
  return bytes;
}
