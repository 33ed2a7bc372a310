import type { Answers, ProgressOf, Question, Reply, Request } from './protocol.js';

/** Why a worker is of no more use. */
export class WorkerLost extends Error {
  /** @param silent whether it stopped answering, rather than said or shown that it ended */
  constructor(
    reason: string,
    readonly silent = false,
  ) {
    super(reason);
  }
}

/** Does something once more, in a new worker, when the worker was lost and its owner is not closed. */
export async function twice<T>(action: () => Promise<T>, isClosed: () => boolean): Promise<T> {
  try {
    return await action();
  } catch (thrown) {
    if (!(thrown instanceof WorkerLost) || isClosed()) throw thrown;
    return action();
  }
}

/** The worker is well, and the core or the device said no. */
export class Refused extends Error {
  constructor(
    readonly part: 'device' | 'weights' | 'track',
    message: string,
  ) {
    super(message);
  }
}

/** How a request is to be treated. */
interface RequestOptions<T> {
  /** Longest silence before the worker counts as hung, in seconds. */
  patience: number;
  transfer?: Transferable[];
  onProgress?: ((progress: ProgressOf<T>) => void) | undefined;
  /** Called with the request's id as it is sent. */
  onSent?: ((id: number) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/** A request that has no answer yet. */
interface Pending {
  resolve(answer: Answers[keyof Answers]): void;
  reject(error: unknown): void;
  onProgress: ((progress: ProgressOf<keyof Answers>) => void) | undefined;
  /** Called at each sign of life. */
  wind(): void;
}

/**
 * One worker, from its start to its end, as a function that can be awaited.
 *
 * Every request settles: with the answer, with {@link Refused}, or with {@link WorkerLost} when the
 * worker says that it is lost, throws, ends without a word, or is silent for too long.
 */
export class WorkerLink {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  readonly #life = new AbortController();
  #lost: WorkerLost | undefined;
  #nextId = 0;

  constructor() {
    const name = `tonearm-${Math.random().toString(36).slice(2)}`;
    this.#worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module', name });
    this.#worker.onmessage = ({ data }: MessageEvent<Reply>) => this.#receive(data, name);
    this.#worker.onmessageerror = () => this.#lose(new WorkerLost('a message could not be read'));
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#lose(new WorkerLost(event.message || 'the worker could not be started'));
    };
  }

  /** Whether it can still be asked. */
  get alive(): boolean {
    return this.#lost === undefined;
  }

  /** Sends one request; see the class for how it settles. */
  request<T extends keyof Answers>(
    question: Extract<Question, { type: T }>,
    { patience, transfer = [], onProgress, onSent, signal }: RequestOptions<T>,
  ): Promise<Answers[T]> {
    if (this.#lost) return Promise.reject(this.#lost);
    const id = this.#nextId++;
    const cancel = () => this.#post({ type: 'cancel', id });

    return new Promise<Answers[T]>((resolve, reject) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const wind = () => {
        clearTimeout(timer);
        timer = setTimeout(() => this.#lose(new WorkerLost('no answer', true)), patience * 1000);
      };
      const settle = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', cancel);
        this.#pending.delete(id);
      };
      this.#pending.set(id, {
        resolve: (answer) => (settle(), resolve(answer as Answers[T])),
        reject: (error) => (settle(), reject(error)),
        onProgress: onProgress as Pending['onProgress'],
        wind,
      });
      signal?.addEventListener('abort', cancel, { once: true });
      wind();
      this.#post({ ...question, id } as Request, transfer);
      onSent?.(id);
    });
  }

  /** Ends the worker; what is pending rejects. */
  end() {
    this.#lose(new WorkerLost('ended'));
  }

  #post(request: Request, transfer: Transferable[] = []) {
    this.#worker.postMessage(request, { transfer });
  }

  #receive(reply: Reply, name: string) {
    if (reply.type === 'alive') return this.#watchLock(name);
    if (reply.type === 'lost') return this.#lose(new WorkerLost(reply.reason));
    const pending = this.#pending.get(reply.id);
    if (!pending) return;
    switch (reply.type) {
      case 'progress':
        pending.wind();
        return pending.onProgress?.(reply.progress);
      case 'answer':
        return pending.resolve(reply.answer);
      case 'refused':
        return pending.reject(new Refused(reply.part, reply.message));
      case 'cancelled':
        return pending.reject(new DOMException('The job was cancelled.', 'AbortError'));
    }
  }

  /**
   * Waits in line for the lock that the worker holds: it is granted only when the worker is gone.
   * A worker that the browser ends (out of memory, or by itself) tells nobody otherwise.
   */
  #watchLock(name: string) {
    const onGone = () => this.#lose(new WorkerLost('the worker ended'));
    navigator.locks.request(name, { signal: this.#life.signal }, onGone).catch(() => {
      // Aborted, since the worker's end is known already.
    });
  }

  #lose(reason: WorkerLost) {
    if (this.#lost) return;
    this.#lost = reason;
    this.#worker.terminate();
    this.#life.abort();
    for (const pending of [...this.#pending.values()]) pending.reject(reason);
  }
}
