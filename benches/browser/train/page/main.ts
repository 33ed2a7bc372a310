import { OurRun } from './ours.js';
import type { BackendName, NetworkName, Round } from './shapes.js';
import type { Begun, Question, Reply } from './theirs.js';

/** A worker with TensorFlow.js in it, that is asked one thing at a time. */
class TheirWorker {
  readonly #worker = new Worker(new URL('./theirs.ts', import.meta.url), { type: 'module' });

  begin(network: NetworkName, backend: BackendName) {
    return this.#ask<Begun>({ type: 'begin', network, backend });
  }

  round(seconds: number) {
    return this.#ask<Round>({ type: 'round', seconds });
  }

  end() {
    this.#worker.terminate();
  }

  #ask<T>(question: Question): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#worker.onmessage = ({ data }: MessageEvent<Reply>) =>
        'error' in data ? reject(new Error(data.error)) : resolve(data.answer as T);
      this.#worker.onerror = ({ message }) => reject(new Error(message));
      this.#worker.postMessage(question);
    });
  }
}

const ours = new Map<NetworkName, OurRun>();
const theirs = new Map<string, TheirWorker>();

const key = (network: NetworkName, backend: BackendName) => `${network} ${backend}`;

function known<T>(value: T | undefined): T {
  if (!value) throw new Error('no such run was begun');
  return value;
}

const bench = {
  async beginOurs(network: NetworkName): Promise<void> {
    ours.set(network, await OurRun.begin(network));
  },
  roundOfOurs: (network: NetworkName, seconds: number): Promise<Round> => known(ours.get(network)).round(seconds),
  endOurs: (network: NetworkName): Promise<number> => known(ours.get(network)).end(),
  async beginTheirs(network: NetworkName, backend: BackendName): Promise<Begun> {
    const worker = new TheirWorker();
    theirs.set(key(network, backend), worker);
    return worker.begin(network, backend);
  },
  roundOfTheirs: (network: NetworkName, backend: BackendName, seconds: number): Promise<Round> =>
    known(theirs.get(key(network, backend))).round(seconds),
  endTheirs: (network: NetworkName, backend: BackendName) => theirs.get(key(network, backend))?.end(),
};

/** What the bench drives from outside. */
export type Bench = typeof bench;

Object.assign(globalThis, { bench });
