import { messageOf } from './errors.js';
import type { Answers, ProgressOf, Question, Reply, Request } from '../worker/protocol.js';
import { TonearmError } from '../types.js';
import { type Started, start } from '../worker/worker-start.js';

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
export async function retryOnce<T>(action: () => Promise<T>, isClosed: () => boolean): Promise<T> {
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
 * Every request settles: with the answer, with {@link Refused}, with {@link WorkerLost} when the
 * worker says that it is lost, throws, ends without a word, or is silent for too long, or with a
 * {@link TonearmError} when the download of its program stalls.
 */
export class WorkerLink {
  /** Unique in the page, where several may be served by one program. */
  static #nextId = 0;
  readonly #started: Promise<Started>;
  readonly #pending = new Map<number, Pending>();
  readonly #life = new AbortController();
  #lost: WorkerLost | TonearmError | undefined;

  /** @param program address of the worker's program */
  constructor(program: URL) {
    const name = `tonearm-${Math.random().toString(36).slice(2)}`;
    this.#started = start(program, name, this.#life.signal).catch((thrown) => {
      throw this.#lose(thrown instanceof TonearmError ? thrown : new WorkerLost(messageOf(thrown)));
    });
    // What failed is told to whoever asks.
    this.#started.then((started) => this.#listen(started, name)).catch(() => undefined);
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
    const id = WorkerLink.#nextId++;
    const cancel = () => void this.#post({ type: 'cancel', id }).catch(() => undefined);

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
      // Until the worker has started, the deadline of its download counts.
      const sent = this.#post({ ...question, id } as Request, transfer);
      sent.then(() => this.#pending.get(id)?.wind()).catch((thrown) => this.#pending.get(id)?.reject(thrown));
      onSent?.(id);
    });
  }

  /** Ends the worker; what is pending rejects. */
  end() {
    this.#lose(new WorkerLost('ended'));
  }

  /** Whether it runs on the page's own thread, since no worker is permitted. */
  async onPage(): Promise<boolean> {
    return (await this.#started).onPage;
  }

  async #post(request: Request, transfer: Transferable[] = []) {
    (await this.#started).port.postMessage(request, { transfer });
  }

  #listen({ port, locked }: Started, name: string) {
    port.onmessage = ({ data }: MessageEvent<Reply>) => this.#receive(data);
    port.onmessageerror = () => this.#lose(new WorkerLost('a message could not be read'));
    if ('onerror' in port) {
      port.onerror = (event) => {
        event.preventDefault();
        this.#lose(new WorkerLost(event.message));
      };
    }
    if (locked) this.#watchLock(name);
  }

  #receive(reply: Reply) {
    if (reply.type === 'alive') return;
    if (reply.type === 'lost') return this.#lose(new WorkerLost(reply.reason));
    // It does one thing at a time, so a word about any is a sign of life for all.
    for (const each of this.#pending.values()) each.wind();
    const pending = this.#pending.get(reply.id);
    if (!pending) return;
    switch (reply.type) {
      case 'progress':
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

  /** Ends it for a reason, and gives the reason that counts: the first. */
  #lose(reason: WorkerLost | TonearmError): WorkerLost | TonearmError {
    if (this.#lost) return this.#lost;
    this.#lost = reason;
    this.#life.abort();
    for (const pending of [...this.#pending.values()]) pending.reject(reason);
    return reason;
  }
}
