import path from 'node:path';
import type { Browser, JSHandle } from '@playwright/test';
import { PACKAGE } from '../../../tests/browser/support/paths.js';
import { servePage } from '../shared/page-server.js';
import type { Bench, Name } from './page/main.js';
import type { Begun } from './page/tasks.js';
import { type Share, profile } from './profile.js';

/** Rounds of each; they take turns, so that a busy minute is everybody's. */
export const ROUNDS = 5;

/** Shortest time of a round; one turn may take longer. */
const SECONDS = 0.5;

/** Seconds that the profiler looks on. */
const PROFILE_SECONDS = 5;

const NAMES: Name[] = ['ours', 'ours, WebGPU', 'Essentia.js', 'Meyda', 'TensorFlow.js', 'onnxruntime-web'];

/** Something that was timed, by whom. */
export interface Timed {
  by: Name | 'browser';
  task: string;
  /** ms of each round; of one window where several are answered at once. */
  rounds: number[];
}

/** All that was timed on one clip. */
export interface Stages {
  /** Length of the clip. */
  seconds: number;
  begun: Partial<Record<Name, Begun>>;
  /** Why one could not begin. */
  failed: Partial<Record<Name, string>>;
  timed: Timed[];
  /** Where the time of the whole clip goes in ours. */
  profile: Share[];
}

/** Times every stage of a clip, here and there, by turns. */
export async function timeStages(browser: Browser, clip: string, says: (what: string) => void): Promise<Stages> {
  const site = await servePage(path.join(import.meta.dirname, 'page'));
  const given = (variable: string) => process.env[variable] ?? missing(variable);
  site.give(given('TONEARM_BENCH_WASM'), 'bench');
  site.give(given('TONEARM_BENCH_ONNX'), 'onnx');
  site.give(path.join(PACKAGE, 'wasm/webgpu'), 'webgpu');
  site.give(path.join(PACKAGE, 'weights'), 'weights');
  site.give(clip, 'clip.mp3');
  const page = await browser.newPage();
  try {
    await page.goto(site.url);
    const bench = await page.evaluateHandle(() => (globalThis as unknown as { bench: Bench }).bench);
    const stages = await time(bench, says);
    says('where the time goes');
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

async function time(bench: JSHandle<Bench>, says: (what: string) => void): Promise<Stages> {
  const stages: Stages = { seconds: await bench.evaluate((bench) => bench.begin()), begun: {}, failed: {}, timed: [], profile: [] };
  for (const task of ['decode', 'track']) stages.timed.push({ by: 'browser', task, rounds: [] });
  for (const name of NAMES) {
    says(`${name}: begins`);
    try {
      const begun = await bench.evaluate((bench, name) => bench.startWorker(name), name);
      stages.begun[name] = begun;
      for (const task of begun.tasks) stages.timed.push({ by: name, task, rounds: [] });
    } catch (thrown) {
      stages.failed[name] = (thrown as Error).message;
    }
  }
  for (const network of ['cnn', 'rnn']) {
    // TensorFlow.js has no second bias in its GRU.
    const counted = (['ours', 'onnxruntime-web', ...(network === 'cnn' ? ['TensorFlow.js'] : [])] as Name[]).map((name) => stages.begun[name]?.parameters?.[network]);
    if (new Set(counted.filter((n) => n !== undefined)).size !== 1) throw new Error(`the ${network} has ${counted.join(', ')} parameters: not the same network`);
  }
  // The first turns compile and take memory.
  for (let round = -1; round < ROUNDS; round++) {
    says(round < 0 ? 'warm-up' : `round ${round + 1} of ${ROUNDS}`);
    for (const { by, task, rounds } of stages.timed) {
      const took =
        by === 'browser'
          ? await bench.evaluate((bench, task) => bench[task as 'decode' | 'track'](), task)
          : await bench.evaluate((bench, [name, task, seconds]) => bench.time(name, task, seconds), [by, task, SECONDS] as const);
      const windows = by === 'browser' ? 1 : (stages.begun[by]?.windows?.[task] ?? 1);
      if (round >= 0) rounds.push(took / windows);
    }
  }
  return stages;
}
