import { Engine } from 'tonearm';
import type { BenchInput, BenchReply, BenchRequest, WorkerInfo } from './tasks.js';

/** Starts the worker of each library. */
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

function send<T>(name: Name, request: BenchRequest): Promise<T> {
  const worker = workers.get(name) ?? WORKERS[name]();
  workers.set(name, worker);
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<BenchReply>) => ('error' in data ? reject(new Error(data.error)) : resolve(data.value as T));
    worker.onerror = ({ message }) => reject(new Error(message));
    worker.postMessage(request);
  });
}

const folder = new URL('given/', location.href).href;
const RATE = 44_100;

let mp3: ArrayBuffer;
let decoded: AudioBuffer;
let engine: Engine;

/** Duration of a task, in milliseconds. */
async function time(task: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await task();
  return performance.now() - start;
}

const channelsOf = (audio: AudioBuffer) => Array.from({ length: audio.numberOfChannels }, (_, index) => audio.getChannelData(index).slice());

const bench = {
  /** Downloads and decodes the clip and creates an engine. Returns the length of the clip in seconds. */
  async begin(): Promise<number> {
    mp3 = await (await fetch(`${folder}clip.mp3`)).arrayBuffer();
    await bench.decode();
    engine = new Engine({ backend: 'cpu' });
    await bench.track();
    return decoded.duration;
  },
  /** Decodes the clip at the sample rate of the file, as the page does. */
  decode: () => {
    const bytes = mp3.slice(0);
    return time(async () => (decoded = await new OfflineAudioContext(2, 1, RATE).decodeAudioData(bytes)));
  },
  /** Classifies the decoded track with the default networks. */
  track: () => {
    const samples = { channels: channelsOf(decoded), sampleRate: decoded.sampleRate };
    return time(() => engine.classify(samples));
  },
  startWorker(name: Name): Promise<WorkerInfo> {
    const [left = new Float32Array(), right = left] = channelsOf(decoded);
    const input: BenchInput = { samples: left.map((value, index) => (value + right[index]!) / 2), sampleRate: decoded.sampleRate, folder };
    return send(name, { type: 'begin', input });
  },
  time: (name: Name, task: string, seconds: number): Promise<number> => send(name, { type: 'time', task, seconds }),
};

export type Bench = typeof bench;

Object.assign(globalThis, { bench });
