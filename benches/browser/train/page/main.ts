import { OurRun } from './ours.js';
import type { BackendName, NetworkName, Round } from './shapes.js';
import type { BenchReply, BenchRequest, RunInfo } from './theirs.js';

/** A worker with TensorFlow.js, which handles one request at a time. */
class TheirWorker {
  readonly #worker = new Worker(new URL('./theirs.ts', import.meta.url), { type: 'module' });

  begin(network: NetworkName, backend: BackendName) {
    return this.#send<RunInfo>({ type: 'begin', network, backend });
  }

  round(seconds: number) {
    return this.#send<Round>({ type: 'round', seconds });
  }

  end() {
    this.#worker.terminate();
  }

  #send<T>(request: BenchRequest): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#worker.onmessage = ({ data }: MessageEvent<BenchReply>) =>
        'error' in data ? reject(new Error(data.error)) : resolve(data.value as T);
      this.#worker.onerror = ({ message }) => reject(new Error(message));
      this.#worker.postMessage(request);
    });
  }
}

const ours = new Map<NetworkName, OurRun>();
const theirs = new Map<string, TheirWorker>();

const key = (network: NetworkName, backend: BackendName) => `${network} ${backend}`;

function started<T>(value: T | undefined): T {
  if (!value) throw new Error('this run was not started');
  return value;
}

const bench = {
  async beginOurs(network: NetworkName): Promise<void> {
    ours.set(network, await OurRun.begin(network));
  },
  roundOfOurs: (network: NetworkName, seconds: number): Promise<Round> => started(ours.get(network)).round(seconds),
  endOurs: (network: NetworkName): Promise<number> => started(ours.get(network)).end(),
  async beginTheirs(network: NetworkName, backend: BackendName): Promise<RunInfo> {
    const worker = new TheirWorker();
    theirs.set(key(network, backend), worker);
    return worker.begin(network, backend);
  },
  roundOfTheirs: (network: NetworkName, backend: BackendName, seconds: number): Promise<Round> =>
    started(theirs.get(key(network, backend))).round(seconds),
  endTheirs: (network: NetworkName, backend: BackendName) => theirs.get(key(network, backend))?.end(),
};

/** Functions that the benchmark calls from outside the page. */
export type Bench = typeof bench;

Object.assign(globalThis, { bench });
