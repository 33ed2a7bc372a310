import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Mp3Encoder } from '@breezystack/lamejs';

/** The sound of a fixture. */
export interface Sound {
  seconds: number;
  sampleRate?: number;
  channels?: number;
  silent?: boolean;
  /** White noise instead of the tune. */
  noise?: boolean;
}

const folder = mkdtempSync(path.join(tmpdir(), 'tonearm-'));

/** Writes a fixture to a temporary folder and returns its path. */
export function fixture(name: string, bytes: Uint8Array | string): string {
  const file = path.join(folder, name);
  writeFileSync(file, bytes);
  return file;
}

/** A 16-bit wav file of the sound. */
export function wav(sound: Sound): Uint8Array {
  const { sampleRate = 44_100 } = sound;
  const channels = samples(sound);
  const frames = channels[0]?.length ?? 0;
  const bytes = Buffer.alloc(44 + frames * channels.length * 2);
  bytes.write('RIFF', 0);
  bytes.writeUInt32LE(bytes.length - 8, 4);
  bytes.write('WAVEfmt ', 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(channels.length, 22);
  bytes.writeUInt32LE(sampleRate, 24);
  bytes.writeUInt32LE(sampleRate * channels.length * 2, 28);
  bytes.writeUInt16LE(channels.length * 2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36);
  bytes.writeUInt32LE(bytes.length - 44, 40);
  const pcm = new Int16Array(bytes.buffer, bytes.byteOffset + 44, frames * channels.length);
  channels.forEach((channel, c) => channel.forEach((sample, i) => (pcm[i * channels.length + c] = sample)));
  return bytes;
}

/** An mp3 file of the sound, 160 kb/s. */
export function mp3(sound: Sound): Uint8Array {
  const [left, right] = samples({ ...sound, channels: 2 });
  const encoder = new Mp3Encoder(2, sound.sampleRate ?? 44_100, 160);
  if (!left || !right) throw new Error('expected two channels');
  return Buffer.concat([encoder.encodeBuffer(left, right), encoder.flush()].map((part) => Buffer.from(part)));
}

/**
 * A tune that changes every second, with a beat: it has energy in every band of the spectrogram and is the
 * same in every run.
 */
function samples({ seconds, sampleRate = 44_100, channels = 2, silent = false, noise: noisy = false }: Sound): Int16Array<ArrayBuffer>[] {
  const frames = Math.round(seconds * sampleRate);
  const out = Array.from({ length: channels }, () => new Int16Array(frames));
  if (silent) return out;
  let noise = 1;
  for (let i = 0; i < frames; i++) {
    const t = i / sampleRate;
    const hertz = 220 * 2 ** ([0, 3, 7, 10, 5, 8][Math.floor(t) % 6]! / 12);
    const beat = Math.exp(-12 * (t % 0.5));
    noise = (Math.imul(noise, 1_664_525) + 1_013_904_223) >>> 0;
    const hiss = (noise / 2 ** 31 - 1) * 0.2 * beat;
    const tune = 0.25 * Math.sin(2 * Math.PI * hertz * t) + 0.1 * Math.sin(2 * Math.PI * hertz * 3 * t);
    const drum = 0.4 * beat * Math.sin(2 * Math.PI * 60 * t);
    // Channels have different levels, so that tests notice a lost one.
    const sound = noisy ? (noise / 2 ** 31 - 1) * 0.6 : tune + drum + hiss;
    out.forEach((channel, c) => (channel[i] = Math.round(sound * 24_000 * (1 - 0.1 * c))));
  }
  return out;
}
