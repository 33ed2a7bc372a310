import { free } from './panics.js';
import type { Reply } from './protocol.js';
import type { Backend } from '../types.js';
import type { WasmClassifier } from './wasm.js';

/** What requests come in by and replies go out by: a worker's own end, or one of a channel. */
export interface Port {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: unknown, options: { transfer: Transferable[] }): void;
}

/** Who asks: where the replies go, what is still wanted, and what was loaded for it. */
export class Client {
  /** By backend; `auto` may hold both, to time one against the other. */
  readonly classifiers = new Map<Backend, WasmClassifier>();
  readonly #port: Port;
  readonly #unwanted = new Set<number>();
  #running = 0;
  #gone = false;

  constructor(port: Port) {
    this.#port = port;
  }

  post(reply: Reply, transfer: Transferable[] = []) {
    this.#port.postMessage(reply, { transfer });
  }

  /** Whether the answer to a request is still wanted. */
  wants(id: number): boolean {
    return !this.#gone && !this.#unwanted.has(id);
  }

  cancel(id: number) {
    this.#unwanted.add(id);
  }

  /** Does what a request asks. */
  async attend(id: number, work: () => Promise<void>) {
    this.#running++;
    await work();
    this.#running--;
    this.#unwanted.delete(id);
    this.#tidy();
  }

  /** Wants nothing any more. */
  leave() {
    this.#gone = true;
    this.#tidy();
  }

  /** Says that what was loaded is ruined: it cannot be freed. */
  abandon(reason: string) {
    this.classifiers.clear();
    this.post({ type: 'lost', reason });
  }

  /** Frees what was loaded when nobody wants it and nothing uses it. */
  #tidy() {
    if (!this.#gone || this.#running > 0) return;
    for (const classifier of this.classifiers.values()) free(classifier);
    this.classifiers.clear();
  }
}
