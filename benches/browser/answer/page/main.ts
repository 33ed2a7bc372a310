import { Engine } from 'tonearm';
import { type Begun, type Given, type Question, type Reply } from './tasks.js';

/** Each in a worker of its own. */
const WORKERS = {
  ours: () => new Worker(new URL('./ours.ts', import.meta.url), { type: 'module' }),
  'ours, WebGPU': () => new Worker(new URL('./webgpu.ts', import.meta.url), { type: 'module' }),
  'Essentia.js': () => new Worker(new URL('./essentia.ts', import.meta.url), { type: 'module' }),
  Meyda: () => new Worker(new URL('./meyda.ts', import.meta.url), { type: 'module' }),
  'TensorFlow.js': () => new Worker(new URL('./tensorflow.ts', import.meta.url), { type: 'module' }),
  'onnxruntime-web': () => new Worker(new URL('./onnx.ts', import.meta.url), { type: 'module' }),
};

export type Name = keyof typeof WORKERS;

const workers = new Map<Name, Worker>();

function ask<T>(name: Name, question: Question): Promise<T> {
  const worker = workers.get(name) ?? WORKERS[name]();
  workers.set(name, worker);
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<Reply>) => ('error' in data ? reject(new Error(data.error)) : resolve(data.answer as T));
    worker.onerror = ({ message }) => reject(new Error(message));
    worker.postMessage(question);
  });
}

const folder = new URL('given/', location.href).href;
const RATE = 44_100;

let mp3: ArrayBuffer;
let decoded: AudioBuffer;
let engine: Engine;

/** Milliseconds that something takes. */
async function time(task: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await task();
  return performance.now() - start;
}

const channelsOf = (audio: AudioBuffer) => Array.from({ length: audio.numberOfChannels }, (_, index) => audio.getChannelData(index).slice());

const bench = {
  /** Fetches the clip, decodes it and makes an engine; the length in seconds. */
  async begin(): Promise<number> {
    mp3 = await (await fetch(`${folder}clip.mp3`)).arrayBuffer();
    await bench.decode();
    engine = new Engine({ backend: 'cpu' });
    await bench.track();
    return decoded.duration;
  },
  /** As the page decodes: at the rate of the file. */
  decode: () => {
    const bytes = mp3.slice(0);
    return time(async () => (decoded = await new OfflineAudioContext(2, 1, RATE).decodeAudioData(bytes)));
  },
  /** Features and the default networks of the whole track, from its samples on. */
  track: () => {
    const samples = { channels: channelsOf(decoded), sampleRate: decoded.sampleRate };
    return time(() => engine.classify(samples));
  },
  startWorker(name: Name): Promise<Begun> {
    const [left = new Float32Array(), right = left] = channelsOf(decoded);
    const given: Given = { samples: left.map((value, index) => (value + right[index]!) / 2), sampleRate: decoded.sampleRate, folder };
    return ask(name, { type: 'begin', given });
  },
  time: (name: Name, task: string, seconds: number): Promise<number> => ask(name, { type: 'time', task, seconds }),
};

export type Bench = typeof bench;

Object.assign(globalThis, { bench });
