import type { Backend } from '../types.js';
import { WorkerLink, WorkerLost } from './worker-link.js';

/** Holds the current worker and what it has loaded. Replaces a worker that was lost on the next load. */
export class WorkerHolder<T> {
  readonly #program: URL;
  readonly #load: (link: WorkerLink, backend: Backend) => Promise<T>;
  #link: WorkerLink | undefined;
  /** Backends that the current worker has loaded or is loading. */
  #loading = new Map<Backend, Promise<T>>();
  #closed = false;

  /**
   * @param program - URL of the worker's script.
   * @param load - Loads a backend into a worker.
   */
  constructor(program: URL, load: (link: WorkerLink, backend: Backend) => Promise<T>) {
    this.#program = program;
    this.#load = load;
  }

  /** Whether {@link close} was called. */
  get closed(): boolean {
    return this.#closed;
  }

  /** The current worker. Throws {@link WorkerLost} if there is none. */
  get link(): WorkerLink {
    if (!this.#link) throw new WorkerLost('there is no worker');
    return this.#link;
  }

  /** Loads a backend into the worker, once per worker. */
  async load(backend: Backend): Promise<T> {
    if (this.#closed) throw new WorkerLost('the worker was closed');
    if (!this.#link?.alive) {
      this.#link = new WorkerLink(this.#program);
      this.#loading = new Map();
    }
    const loading = this.#loading.get(backend);
    if (loading) return loading;
    const started = this.#load(this.#link, backend);
    this.#loading.set(backend, started);
    // After a failure, the backend can be loaded again into the same worker.
    const ofThisWorker = this.#loading;
    started.catch(() => ofThisWorker.delete(backend));
    return started;
  }

  /** Ends the worker. The next load starts another. */
  end() {
    this.#link?.end();
    this.#link = undefined;
  }

  /** Ends the worker permanently. */
  close() {
    this.#closed = true;
    this.end();
  }
}
