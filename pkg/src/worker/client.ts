import { free } from './panics.js';
import type { Reply } from './protocol.js';
import type { Backend } from '../types.js';
import type { WasmClassifier } from './wasm.js';

/** Receives requests and sends replies: the worker's global scope or a `MessagePort`. */
export interface Port {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: unknown, options: { transfer: Transferable[] }): void;
}

/** One user of the worker's program, with its requests and its classifiers. */
export class Client {
  /** Classifiers by backend. With `auto`, both can be loaded, to compare their speed. */
  readonly classifiers = new Map<Backend, WasmClassifier>();
  readonly #port: Port;
  readonly #cancelled = new Set<number>();
  #running = 0;
  #disconnected = false;

  constructor(port: Port) {
    this.#port = port;
  }

  post(reply: Reply, transfer: Transferable[] = []) {
    this.#port.postMessage(reply, { transfer });
  }

  /** Whether the result of a request is no longer needed. */
  isCancelled(id: number): boolean {
    return this.#disconnected || this.#cancelled.has(id);
  }

  cancel(id: number) {
    this.#cancelled.add(id);
  }

  /** Runs the work of a request. */
  async run(id: number, work: () => Promise<void>) {
    this.#running++;
    await work();
    this.#running--;
    this.#cancelled.delete(id);
    this.#freeIfUnused();
  }

  /** Cancels all requests and frees the classifiers. */
  disconnect() {
    this.#disconnected = true;
    this.#freeIfUnused();
  }

  /** Reports that the wasm instance trapped. Its classifiers cannot be freed. */
  reportLost(reason: string) {
    this.classifiers.clear();
    this.post({ type: 'lost', reason });
  }

  #freeIfUnused() {
    if (!this.#disconnected || this.#running > 0) return;
    for (const classifier of this.classifiers.values()) free(classifier);
    this.classifiers.clear();
  }
}
