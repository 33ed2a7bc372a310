import path from 'node:path';
import type { Browser, JSHandle } from '@playwright/test';
import { PACKAGE } from '../../../tests/browser/support/paths.js';
import { servePage } from '../shared/page-server.js';
import type { Bench, Name } from './page/main.js';
import type { WorkerInfo } from './page/tasks.js';
import { type ProfileEntry, profile } from './profile.js';

/** Number of rounds. All libraries take turns in each round, so that other load on the machine affects all of them. */
export const ROUNDS = 5;

/** Shortest duration of a task in a round, in seconds; a single run may take longer. */
const SECONDS = 0.5;

/** Duration of the profile, in seconds. */
const PROFILE_SECONDS = 5;

const NAMES: Name[] = ['ours', 'ours, WebGPU', 'Essentia.js', 'Meyda', 'TensorFlow.js', 'onnxruntime-web'];

/** Times of a task of a library. */
export interface Timed {
  by: Name | 'browser';
  task: string;
  /** Time in each round, in ms; for networks per window. */
  rounds: number[];
}

/** All measurements on a clip. */
export interface Stages {
  /** Length of the clip, in seconds. */
  seconds: number;
  workers: Partial<Record<Name, WorkerInfo>>;
  /** Errors of workers that failed to start. */
  failed: Partial<Record<Name, string>>;
  timed: Timed[];
  /** Profile of Tonearm on the whole clip. */
  profile: ProfileEntry[];
}

/** Measures every stage of a clip with Tonearm and the other libraries. */
export async function timeStages(browser: Browser, clip: string, log: (message: string) => void): Promise<Stages> {
  const site = await servePage(path.join(import.meta.dirname, 'page'));
  const environment = (variable: string) => process.env[variable] ?? missing(variable);
  site.give(environment('TONEARM_BENCH_WASM'), 'bench');
  site.give(environment('TONEARM_BENCH_ONNX'), 'onnx');
  site.give(path.join(PACKAGE, 'wasm/webgpu'), 'webgpu');
  site.give(path.join(PACKAGE, 'weights'), 'weights');
  site.give(clip, 'clip.mp3');
  const page = await browser.newPage();
  try {
    await page.goto(site.url);
    const bench = await page.evaluateHandle(() => (globalThis as unknown as { bench: Bench }).bench);
    const stages = await time(bench, log);
    log('profile');
    stages.profile = await profile(browser, page, () => bench.evaluate((bench, seconds) => bench.time('ours', 'track', seconds), PROFILE_SECONDS));
    return stages;
  } finally {
    await page.close();
    await site.close();
  }
}

function missing(variable: string): never {
  throw new Error(`${variable} is not set: run \`cargo xtask bench browser\``);
}

async function time(bench: JSHandle<Bench>, log: (message: string) => void): Promise<Stages> {
  const stages: Stages = { seconds: await bench.evaluate((bench) => bench.begin()), workers: {}, failed: {}, timed: [], profile: [] };
  for (const task of ['decode', 'track']) stages.timed.push({ by: 'browser', task, rounds: [] });
  for (const name of NAMES) {
    log(`${name}: starts`);
    try {
      const worker = await bench.evaluate((bench, name) => bench.startWorker(name), name);
      stages.workers[name] = worker;
      for (const task of worker.tasks) stages.timed.push({ by: name, task, rounds: [] });
    } catch (thrown) {
      stages.failed[name] = (thrown as Error).message;
    }
  }
  for (const network of ['cnn', 'rnn']) {
    // The GRU of TensorFlow.js lacks the second bias, so its RNN cannot be compared.
    const counts = (['ours', 'onnxruntime-web', ...(network === 'cnn' ? ['TensorFlow.js'] : [])] as Name[]).map((name) => stages.workers[name]?.parameters?.[network]);
    if (new Set(counts.filter((n) => n !== undefined)).size !== 1) throw new Error(`the ${network} has ${counts.join(', ')} parameters, so the networks differ`);
  }
  // The warm-up compiles code and allocates memory.
  for (let round = -1; round < ROUNDS; round++) {
    log(round < 0 ? 'warm-up' : `round ${round + 1} of ${ROUNDS}`);
    for (const { by, task, rounds } of stages.timed) {
      const elapsed =
        by === 'browser'
          ? await bench.evaluate((bench, task) => bench[task as 'decode' | 'track'](), task)
          : await bench.evaluate((bench, [name, task, seconds]) => bench.time(name, task, seconds), [by, task, SECONDS] as const);
      const windows = by === 'browser' ? 1 : (stages.workers[by]?.windows?.[task] ?? 1);
      if (round >= 0) rounds.push(elapsed / windows);
    }
  }
  return stages;
}
