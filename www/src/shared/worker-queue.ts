import { startWithDeadline } from 'tonearm/page';
import { READY } from './worker-reply.js';

/** Time without requests after which the worker is terminated, in milliseconds. */
const IDLE_MS = 5000;

/** Sends requests to a worker one after the other. The worker starts with the first request and is terminated when idle. */
export class WorkerQueue<Request, Reply> {
  readonly #address: string;
  #worker: Worker | undefined;
  /** Whether the script of the worker has loaded. */
  #ready = false;
  #idleTimer: ReturnType<typeof setTimeout> | undefined;
  /** Settles when the latest request is done. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(address: string) {
    this.#address = address;
  }

  /**
   * Sends a request to the worker after all earlier ones are done, and returns its reply.
   *
   * Rejects if the worker cannot be loaded or crashes, and with `Stalled` if its download stalls. The next
   * request then starts a new worker.
   */
  ask(request: Request): Promise<Reply> {
    const reply = this.#last.then(() => this.#send(request));
    this.#last = reply.catch(() => undefined);
    return reply;
  }

  async #send(request: Request): Promise<Reply> {
    clearTimeout(this.#idleTimer);
    try {
      const worker = (this.#worker ??= new Worker(this.#address, { type: 'module' }));
      let setReady = () => {};
      const started = new Promise<void>((resolve) => (setReady = resolve));
      const replied = new Promise<Reply>((resolve, reject) => {
        worker.onmessage = ({ data }: MessageEvent<Reply | typeof READY>) => (data === READY ? setReady() : resolve(data as Reply));
        worker.onmessageerror = () => reject(new Error('the reply of the worker could not be deserialised'));
        worker.onerror = ({ message }) => reject(new Error(message));
        worker.postMessage(request);
      });
      if (!this.#ready) await startWithDeadline(this.#address, Promise.race([started, replied]));
      this.#ready = true;
      const reply = await replied;
      this.#idleTimer = setTimeout(() => this.end(), IDLE_MS);
      return reply;
    } catch (thrown) {
      this.end();
      throw thrown;
    }
  }

  /** Terminates the worker. The next request starts a new one. */
  end() {
    clearTimeout(this.#idleTimer);
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#ready = false;
  }
}
