import type { GpuCalls } from './gpu-calls.js';

/** Input of a worker. */
export interface BenchInput {
  /** Mono samples at `sampleRate` Hz. */
  samples: Float32Array;
  sampleRate: number;
  /** Folder of the wasm modules, the weights and the networks as ONNX. */
  folder: string;
}

/** Tasks that a worker can time. Everything that they need is prepared in advance. */
export type Tasks = Record<string, () => unknown>;

/** What a worker reports after it has started. */
export interface WorkerInfo {
  tasks: string[];
  /** Number of parameters of each network. */
  parameters?: Record<string, number>;
  /** Number of windows in a batch of each network, if it is not 1. */
  windows?: Record<string, number>;
  /** WebGPU calls of each network for one batch. */
  gpuCalls?: Record<string, GpuCalls>;
  /** Number of frames of the features. */
  frames?: number;
}

export type BenchRequest = { type: 'begin'; input: BenchInput } | { type: 'time'; task: string; seconds: number };
export type BenchReply = { value: WorkerInfo | number } | { error: string };

/** Frame length and hop in samples, mel bands and coefficients, the same for all libraries. */
export const FRAME = 2048;
export const HOP = 512;
export const N_MELS = 128;
export const N_MFCC = 20;

/** Number of 3 s segments in a window, which are the input of the RNN. */
export const N_SEGMENTS = 10;

/** Input shapes of the networks. */
export const SHAPES = { cnn: [1, 128, 128], rnn: [N_SEGMENTS, 130, 20] } as const;

/** Frames that lie completely inside a clip. */
export function* framesOf(samples: Float32Array): Generator<Float32Array> {
  for (let start = 0; start + FRAME <= samples.length; start += HOP) yield samples.subarray(start, start + FRAME);
}

/** Handles the requests of a worker. The time of a task, in ms, is the mean of as many runs as fit into the given seconds. */
export function serve(begin: (input: BenchInput) => Promise<Omit<WorkerInfo, 'tasks'> & { tasks: Tasks }>) {
  let tasks: Tasks = {};

  async function handle(request: BenchRequest): Promise<WorkerInfo | number> {
    if (request.type === 'begin') {
      const info = await begin(request.input);
      tasks = info.tasks;
      return { ...info, tasks: Object.keys(tasks) };
    }
    const task = tasks[request.task];
    if (!task) throw new Error(`unknown task ${request.task}`);
    const start = performance.now();
    for (let runs = 1; ; runs++) {
      await task();
      const elapsed = performance.now() - start;
      if (elapsed >= request.seconds * 1000) return elapsed / runs;
    }
  }

  self.onmessage = async ({ data }: MessageEvent<BenchRequest>) => {
    const reply: BenchReply = await handle(data).then(
      (value) => ({ value }),
      (thrown: unknown) => ({ error: thrown instanceof Error ? thrown.message : String(thrown) }),
    );
    self.postMessage(reply);
  };
}
