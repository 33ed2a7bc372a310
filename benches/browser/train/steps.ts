import path from 'node:path';
import type { Browser, JSHandle } from '@playwright/test';
import { median } from '../shared/median.js';
import { servePage } from '../shared/page-server.js';
import type { Bench } from './page/main.js';
import { BACKENDS, type BackendName, type NetworkName, type Round } from './page/shapes.js';

/** Rounds of each; they take turns, so that a busy minute is everybody's. */
const ROUNDS = 3;

/** Shortest time of a round; one step may take longer. */
const SECONDS = 3;

/** Steps a second of one network on one backend, or why there are none. */
export interface Pace {
  rounds: number[];
  error?: string;
}

/** How fast a network takes steps, here and there. */
export interface Steps {
  network: NetworkName;
  /** Numbers of the network, with the running averages of batch norm. */
  parameters: number;
  ours: Pace;
  theirs: Record<BackendName, Pace>;
}

export interface Comparison {
  /** Of TensorFlow.js. */
  version: string;
  /** What WebGL draws with. */
  renderer: string;
  networks: Steps[];
}

/** Steps a second of the CNN and of the head, by ours and by TensorFlow.js. */
export async function compareSteps(browser: Browser, says: (what: string) => void): Promise<Comparison> {
  const site = await servePage(path.join(import.meta.dirname, 'page'));
  const page = await browser.newPage();
  try {
    await page.goto(site.url);
    const bench = await page.evaluateHandle(() => (globalThis as unknown as { bench: Bench }).bench);
    return await compare(bench, says);
  } finally {
    await page.close();
    await site.close();
  }
}

async function compare(bench: JSHandle<Bench>, says: (what: string) => void): Promise<Comparison> {
  const networks: Steps[] = [];
  let version = '';
  let renderer = '';
  for (const network of ['cnn', 'head'] as const) {
    says(`steps of the ${network}: begins`);
    await bench.evaluate((bench, network) => bench.beginOurs(network), network);
    const steps: Steps = { network, parameters: 0, ours: { rounds: [] }, theirs: { webgl: { rounds: [] }, wasm: { rounds: [] }, cpu: { rounds: [] } } };
    for (const backend of BACKENDS) {
      const begun = await bench
        .evaluate((bench, [network, backend]) => bench.beginTheirs(network, backend), [network, backend] as const)
        .catch((thrown: Error) => void (steps.theirs[backend].error = reasonOf(thrown)));
      if (!begun) continue;
      ({ version, parameters: steps.parameters } = begun);
      renderer ||= begun.renderer;
    }
    await takeTurns(bench, steps, says);
    for (const backend of BACKENDS) {
      await bench.evaluate((bench, [network, backend]) => bench.endTheirs(network, backend), [network, backend] as const);
    }
    const own = await bench.evaluate((bench, network) => bench.endOurs(network), network);
    // Of transfer the whole CNN is kept, and not the head alone.
    if (network === 'cnn' && own !== steps.parameters) {
      throw new Error(`ours has ${own} parameters and theirs ${steps.parameters}: not the same network`);
    }
    networks.push(steps);
  }
  return { version, renderer, networks };
}

async function takeTurns(bench: JSHandle<Bench>, { network, ours, theirs }: Steps, says: (what: string) => void) {
  for (let round = 0; round < ROUNDS; round++) {
    says(`steps of the ${network}: round ${round + 1} of ${ROUNDS}`);
    ours.rounds.push(pace(await bench.evaluate((bench, [network, seconds]) => bench.roundOfOurs(network, seconds), [network, SECONDS] as const)));
    for (const backend of BACKENDS) {
      if (theirs[backend].error) continue;
      const took = await bench.evaluate(
        (bench, [network, backend, seconds]) => bench.roundOfTheirs(network, backend, seconds),
        [network, backend, SECONDS] as const,
      );
      theirs[backend].rounds.push(pace(took));
    }
  }
}

/** The message of an error that was thrown on the page, without the stack that comes with it. */
const reasonOf = ({ message }: Error) => message.replace(/^.*?Error: /, '').split('\n')[0] ?? '';

const pace = ({ steps, seconds }: Round) => steps / seconds;

/** Median of a pace; undefined where there is none. */
export const middle = ({ rounds }: Pace) => (rounds.length > 0 ? median(rounds) : undefined);
