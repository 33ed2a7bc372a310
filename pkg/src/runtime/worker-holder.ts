import type { Backend } from '../types.js';
import { WorkerLink, WorkerLost } from './worker-link.js';

/** The present worker and what it has loaded. A new one takes its place when it is lost. */
export class WorkerHolder<T> {
  readonly #program: URL;
  readonly #load: (link: WorkerLink, backend: Backend) => Promise<T>;
  #link: WorkerLink | undefined;
  /** What the present worker has loaded or is loading. */
  #loading = new Map<Backend, Promise<T>>();
  #closed = false;

  /**
   * @param program address of the worker's program
   * @param load loads one backend into a worker
   */
  constructor(program: URL, load: (link: WorkerLink, backend: Backend) => Promise<T>) {
    this.#program = program;
    this.#load = load;
  }

  /** Whether it was closed. */
  get closed(): boolean {
    return this.#closed;
  }

  /** The worker; throws {@link WorkerLost} if there is none. */
  get link(): WorkerLink {
    if (!this.#link) throw new WorkerLost('ended');
    return this.#link;
  }

  /** Loads one backend into the worker, once per worker. */
  async load(backend: Backend): Promise<T> {
    if (this.#closed) throw new WorkerLost('closed');
    if (!this.#link?.alive) {
      this.#link = new WorkerLink(this.#program);
      this.#loading = new Map();
    }
    const loading = this.#loading.get(backend);
    if (loading) return loading;
    const started = this.#load(this.#link, backend);
    this.#loading.set(backend, started);
    // What failed may be tried again, be it in this worker.
    const all = this.#loading;
    started.catch(() => all.delete(backend));
    return started;
  }

  /** Ends the worker; the next load starts another. */
  end() {
    this.#link?.end();
    this.#link = undefined;
  }

  /** Ends the worker for good. */
  close() {
    this.#closed = true;
    this.end();
  }
}
