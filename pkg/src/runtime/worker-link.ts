import { messageOf } from './errors.js';
import type { FailedPart, ProgressOf, Reply, Request, RequestBody, Results } from '../worker/protocol.js';
import { type CoreError, TonearmError } from '../types.js';
import { type StartedWorker, startWorker } from '../worker/worker-start.js';

/** The worker ended, crashed or hung, and can no longer be used. */
export class WorkerLost extends Error {
  /** @param kind - `silent` if the worker stopped responding, `gpu-lost` if the connection to the GPU was lost. */
  constructor(
    reason: string,
    readonly kind: 'ended' | 'silent' | 'gpu-lost' = 'ended',
  ) {
    super(reason);
  }
}

/** Runs `action`, and once more in a new worker if the worker was lost and its owner is not closed. */
export async function retryOnce<T>(action: () => Promise<T>, isClosed: () => boolean): Promise<T> {
  try {
    return await action();
  } catch (thrown) {
    if (!(thrown instanceof WorkerLost) || isClosed()) throw thrown;
    return action();
  }
}

/** A request failed in the core or on the device. The worker can still be used. */
export class RequestFailed extends Error {
  constructor(
    readonly part: FailedPart,
    message: string,
    readonly core: CoreError | null,
  ) {
    super(message);
  }
}

interface RequestOptions<T> {
  /** Seconds without a message after which the worker counts as hung. */
  timeoutSeconds: number;
  transfer?: Transferable[];
  onProgress?: ((progress: ProgressOf<T>) => void) | undefined;
  /** Called with the request's id when it is sent. */
  onSent?: ((id: number) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/** A request that has not settled yet. */
interface Pending {
  resolve(result: Results[keyof Results]): void;
  reject(error: unknown): void;
  onProgress: ((progress: ProgressOf<keyof Results>) => void) | undefined;
  /** Restarts the timeout; called for each message of the worker. */
  restartTimer(): void;
}

/**
 * Starts a worker and sends requests to it.
 *
 * Every request settles: with its result; with {@link RequestFailed}; with {@link WorkerLost} if the worker reports
 * that it is lost, throws, ends or times out; or with a {@link TonearmError} if the download of its script stalls.
 */
export class WorkerLink {
  /** Ids are unique within the page, since several links can share one program that runs on the page's thread. */
  static #nextId = 0;
  readonly #started: Promise<StartedWorker>;
  readonly #pending = new Map<number, Pending>();
  /** Aborted when the worker is lost. */
  readonly #life = new AbortController();
  #lost: WorkerLost | TonearmError | undefined;

  /** @param program - URL of the worker's script. */
  constructor(program: URL) {
    const name = `tonearm-${Math.random().toString(36).slice(2)}`;
    this.#started = startWorker(program, name, this.#life.signal).catch((thrown) => {
      throw this.#lose(thrown instanceof TonearmError ? thrown : new WorkerLost(messageOf(thrown)));
    });
    // Each request rejects with the error of a failed start.
    this.#started.then((started) => this.#listen(started, name)).catch(() => undefined);
  }

  /** Whether the worker can still be used. */
  get alive(): boolean {
    return this.#lost === undefined;
  }

  /** Sends a request. The description of the class lists how it settles. */
  request<T extends keyof Results>(
    body: Extract<RequestBody, { type: T }>,
    { timeoutSeconds, transfer = [], onProgress, onSent, signal }: RequestOptions<T>,
  ): Promise<Results[T]> {
    if (this.#lost) return Promise.reject(this.#lost);
    const id = WorkerLink.#nextId++;
    const cancel = () => void this.#post({ type: 'cancel', id }).catch(() => undefined);

    return new Promise<Results[T]>((resolve, reject) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const restartTimer = () => {
        clearTimeout(timer);
        timer = setTimeout(() => this.#lose(new WorkerLost('the worker does not respond', 'silent')), timeoutSeconds * 1000);
      };
      const settle = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', cancel);
        this.#pending.delete(id);
      };
      this.#pending.set(id, {
        resolve: (result) => (settle(), resolve(result as Results[T])),
        reject: (error) => (settle(), reject(error)),
        onProgress: onProgress as Pending['onProgress'],
        restartTimer,
      });
      signal?.addEventListener('abort', cancel, { once: true });
      // The timeout begins when the worker has started; until then, the stall deadline of its download applies.
      const sent = this.#post({ ...body, id } as Request, transfer);
      sent.then(() => this.#pending.get(id)?.restartTimer()).catch((thrown) => this.#pending.get(id)?.reject(thrown));
      onSent?.(id);
    });
  }

  /** Ends the worker. Pending requests reject. */
  end() {
    this.#lose(new WorkerLost('the worker was ended'));
  }

  /** Whether the program runs on the page's own thread because the page does not allow workers. */
  async isOnPage(): Promise<boolean> {
    return (await this.#started).isOnPage;
  }

  async #post(request: Request, transfer: Transferable[] = []) {
    (await this.#started).port.postMessage(request, { transfer });
  }

  #listen({ port, locked }: StartedWorker, name: string) {
    port.onmessage = ({ data }: MessageEvent<Reply>) => this.#receive(data);
    port.onmessageerror = () => this.#lose(new WorkerLost('a message of the worker could not be deserialised'));
    if ('onerror' in port) {
      port.onerror = (event) => {
        event.preventDefault();
        this.#lose(new WorkerLost(event.message));
      };
    }
    if (locked) this.#watchLock(name);
  }

  #receive(reply: Reply) {
    if (reply.type === 'started') return;
    if (reply.type === 'lost') return this.#lose(new WorkerLost(reply.reason, reply.kind));
    // The worker handles one request at a time, so a message about any of them restarts all timeouts.
    for (const request of this.#pending.values()) request.restartTimer();
    const pending = this.#pending.get(reply.id);
    if (!pending) return;
    switch (reply.type) {
      case 'progress':
        return pending.onProgress?.(reply.progress);
      case 'result':
        return pending.resolve(reply.result);
      case 'failed':
        return pending.reject(new RequestFailed(reply.part, reply.message, reply.core));
      case 'cancelled':
        return pending.reject(new DOMException('The job was cancelled.', 'AbortError'));
    }
  }

  /**
   * Requests the lock that the worker holds, which is granted only when the worker has ended. The browser reports in
   * no other way that it has ended a worker, for instance because memory ran out.
   */
  #watchLock(name: string) {
    const onEnd = () => this.#lose(new WorkerLost('the worker ended'));
    navigator.locks.request(name, { signal: this.#life.signal }, onEnd).catch(() => {
      // Aborted by `#lose`.
    });
  }

  /** Ends the worker, rejects pending requests, and returns the reason; only the first one counts. */
  #lose(reason: WorkerLost | TonearmError): WorkerLost | TonearmError {
    if (this.#lost) return this.#lost;
    this.#lost = reason;
    this.#life.abort();
    for (const pending of [...this.#pending.values()]) pending.reject(reason);
    return reason;
  }
}
