import type { Asked } from './asked.js';

/** What a worker is set to. */
export interface Given {
  /** Mono, at {@link Given.sampleRate} Hz. */
  samples: Float32Array;
  sampleRate: number;
  /** Folder of the wasm modules, the weights and the networks as ONNX. */
  folder: string;
}

/** What a worker can do, each with all that it needs made before. */
export type Tasks = Record<string, () => unknown>;

/** What is known of a worker that has begun. */
export interface Begun {
  tasks: string[];
  /** Parameters of each network. */
  parameters?: Record<string, number>;
  /** Windows that each network answers at once, where that is not one. */
  windows?: Record<string, number>;
  /** What a graphics card is asked for by each network, for all windows that it answers at once. */
  asked?: Record<string, Asked>;
  /** Frames that its features have. */
  frames?: number;
}

export type Question = { type: 'begin'; given: Given } | { type: 'time'; task: string; seconds: number };
export type Reply = { answer: Begun | number } | { error: string };

/** Frames, bands and coefficients: the same everywhere. */
export const FRAME = 2048;
export const HOP = 512;
export const N_MELS = 128;
export const N_MFCC = 20;

/** Pieces of 3 s that the RNN reads of a window, and what each of the networks reads. */
export const N_PIECES = 10;
export const SHAPES = { cnn: [1, 128, 128], rnn: [N_PIECES, 130, 20] } as const;

/** Frames of a clip that lie in it wholly. */
export function* framesOf(samples: Float32Array): Generator<Float32Array> {
  for (let start = 0; start + FRAME <= samples.length; start += HOP) yield samples.subarray(start, start + FRAME);
}

/** Serves the tasks of a worker, one at a time; a task's time is ms, the mean of as many as take the seconds. */
export function serve(begin: (given: Given) => Promise<Omit<Begun, 'tasks'> & { tasks: Tasks }>) {
  let tasks: Tasks = {};

  async function answer(question: Question): Promise<Begun | number> {
    if (question.type === 'begin') {
      const begun = await begin(question.given);
      tasks = begun.tasks;
      return { ...begun, tasks: Object.keys(tasks) };
    }
    const task = tasks[question.task];
    if (!task) throw new Error(`there is no task ${question.task}`);
    const start = performance.now();
    for (let done = 1; ; done++) {
      await task();
      const took = performance.now() - start;
      if (took >= question.seconds * 1000) return took / done;
    }
  }

  self.onmessage = async ({ data }: MessageEvent<Question>) => {
    const reply: Reply = await answer(data).then(
      (answer) => ({ answer }),
      (thrown: unknown) => ({ error: thrown instanceof Error ? thrown.message : String(thrown) }),
    );
    self.postMessage(reply);
  };
}
