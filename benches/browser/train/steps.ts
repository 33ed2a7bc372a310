import path from 'node:path';
import type { Browser, JSHandle } from '@playwright/test';
import { median } from '../shared/median.js';
import { servePage } from '../shared/page-server.js';
import type { Bench } from './page/main.js';
import { BACKENDS, type BackendName, type NetworkName, type Round } from './page/shapes.js';

/** Number of rounds. Both libraries take turns in each round, so that other load on the machine affects both. */
const ROUNDS = 3;

/** Shortest duration of a round, in seconds; a single step may take longer. */
const SECONDS = 3;

/** Steps per second of a network on a backend, or the error. */
export interface Pace {
  rounds: number[];
  error?: string;
}

/** Training speed of a network with Tonearm and with TensorFlow.js. */
export interface Steps {
  network: NetworkName;
  /** Number of parameters, including the running averages of batch norm. */
  parameters: number;
  ours: Pace;
  theirs: Record<BackendName, Pace>;
}

export interface Comparison {
  /** Version of TensorFlow.js. */
  version: string;
  /** Name of the WebGL renderer. */
  renderer: string;
  networks: Steps[];
}

/** Measures the steps per second of the CNN and of the head with Tonearm and TensorFlow.js. */
export async function compareSteps(browser: Browser, log: (message: string) => void): Promise<Comparison> {
  const site = await servePage(path.join(import.meta.dirname, 'page'));
  const page = await browser.newPage();
  try {
    await page.goto(site.url);
    const bench = await page.evaluateHandle(() => (globalThis as unknown as { bench: Bench }).bench);
    return await compare(bench, log);
  } finally {
    await page.close();
    await site.close();
  }
}

async function compare(bench: JSHandle<Bench>, log: (message: string) => void): Promise<Comparison> {
  const networks: Steps[] = [];
  let version = '';
  let renderer = '';
  for (const network of ['cnn', 'head'] as const) {
    log(`steps of the ${network}: starts`);
    await bench.evaluate((bench, network) => bench.beginOurs(network), network);
    const steps: Steps = { network, parameters: 0, ours: { rounds: [] }, theirs: { webgl: { rounds: [] }, wasm: { rounds: [] }, cpu: { rounds: [] } } };
    for (const backend of BACKENDS) {
      const info = await bench
        .evaluate((bench, [network, backend]) => bench.beginTheirs(network, backend), [network, backend] as const)
        .catch((thrown: Error) => void (steps.theirs[backend].error = reasonOf(thrown)));
      if (!info) continue;
      ({ version, parameters: steps.parameters } = info);
      renderer ||= info.renderer;
    }
    await takeTurns(bench, steps, log);
    for (const backend of BACKENDS) {
      await bench.evaluate((bench, [network, backend]) => bench.endTheirs(network, backend), [network, backend] as const);
    }
    const parameters = await bench.evaluate((bench, network) => bench.endOurs(network), network);
    // The head cannot be compared, since a transfer run reports the parameters of the whole CNN.
    if (network === 'cnn' && parameters !== steps.parameters) {
      throw new Error(`Tonearm has ${parameters} parameters and TensorFlow.js ${steps.parameters}, so the networks differ`);
    }
    networks.push(steps);
  }
  return { version, renderer, networks };
}

async function takeTurns(bench: JSHandle<Bench>, { network, ours, theirs }: Steps, log: (message: string) => void) {
  for (let round = 0; round < ROUNDS; round++) {
    log(`steps of the ${network}: round ${round + 1} of ${ROUNDS}`);
    ours.rounds.push(pace(await bench.evaluate((bench, [network, seconds]) => bench.roundOfOurs(network, seconds), [network, SECONDS] as const)));
    for (const backend of BACKENDS) {
      if (theirs[backend].error) continue;
      const result = await bench.evaluate(
        (bench, [network, backend, seconds]) => bench.roundOfTheirs(network, backend, seconds),
        [network, backend, SECONDS] as const,
      );
      theirs[backend].rounds.push(pace(result));
    }
  }
}

/** Message of an error from the page, without its stack. */
const reasonOf = ({ message }: Error) => message.replace(/^.*?Error: /, '').split('\n')[0] ?? '';

const pace = ({ steps, seconds }: Round) => steps / seconds;

/** Median of a pace; undefined without rounds. */
export const middle = ({ rounds }: Pace) => (rounds.length > 0 ? median(rounds) : undefined);
