/** Seconds without a received byte after which a download has stalled. */
export const STALL_SECONDS = 30;

/**
 * Seconds within which a dynamic import has to be loaded. The browser does not report how much of a
 * module has arrived, so this is a limit on the total time, long enough for a slow connection.
 */
const IMPORT_SECONDS = 180;

/** A download received no data for {@link STALL_SECONDS}. */
export class Stalled extends Error {}

/** How an address is fetched. */
export interface FetchOptions {
  /** Default: `GET`. */
  method?: 'GET' | 'HEAD';
  /** Default: `cors`. */
  mode?: RequestMode;
  /** Cancels the download. */
  signal?: AbortSignal | undefined;
  /** Default: {@link STALL_SECONDS}. */
  stallSeconds?: number;
}

/**
 * Fetches an address and resolves to what `read` returns. The download ends as soon as `read` has
 * settled, also if the body was not read.
 *
 * The deadline limits the time between two received chunks and not the total time, so that slow
 * connections succeed.
 *
 * # Errors
 * {@link Stalled}, the reason of the signal, or what `fetch` and `read` throw.
 */
export async function fetchWithDeadline<T>(
  address: string | URL,
  read: (response: Response) => T | Promise<T>,
  { method = 'GET', mode = 'cors', signal, stallSeconds = STALL_SECONDS }: FetchOptions = {},
): Promise<T> {
  signal?.throwIfAborted();
  const download = new AbortController();
  const cancel = () => download.abort(signal?.reason);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const restartTimer = () => {
    clearTimeout(timer);
    timer = setTimeout(() => download.abort(new Stalled()), stallSeconds * 1000);
  };
  signal?.addEventListener('abort', cancel, { once: true });
  restartTimer();
  try {
    const response = await fetch(address, { method, mode, signal: download.signal });
    restartTimer();
    return await read(reporting(response, restartTimer));
  } catch (thrown) {
    // `fetch` and the readers of the body do not all pass on the reason of an abort.
    download.signal.throwIfAborted();
    throw thrown;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', cancel);
    download.abort();
  }
}

/** The same response, which calls `onChunk` for each chunk of its body. */
function reporting(response: Response, onChunk: () => void): Response {
  if (!response.body) return response;
  const counter = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(chunk, controller) {
      onChunk();
      controller.enqueue(chunk);
    },
  });
  return new Response(response.body.pipeThrough(counter), response);
}

/**
 * Waits for a worker to start, whose script the browser fetches without reporting how much of it has
 * arrived. If it has not started after `stallSeconds`, the same script is fetched with a stall
 * deadline, usually from the cache that the worker's own request fills; the worker then has
 * `stallSeconds` more.
 *
 * # Errors
 * {@link Stalled}, or what `started` rejects with.
 */
export async function startWithDeadline<T>(script: string | URL, started: Promise<T>, stallSeconds: number = STALL_SECONDS): Promise<T> {
  const over = new AbortController();
  const { signal } = over;
  const stall = async (): Promise<never> => {
    await delay(stallSeconds, signal);
    await fetchWithDeadline(script, (response) => response.arrayBuffer(), { signal, stallSeconds }).catch((thrown) => {
      // Why else the script cannot be fetched is reported by the worker itself.
      if (thrown instanceof Stalled) throw thrown;
    });
    await delay(stallSeconds, signal);
    throw new Stalled();
  };
  try {
    return await Promise.race([started, stall()]);
  } finally {
    over.abort();
  }
}

/**
 * Waits for a dynamic import.
 *
 * # Errors
 * {@link Stalled} after {@link IMPORT_SECONDS}, the reason of the signal, or what the import rejects with.
 */
export async function importWithDeadline<T>(imported: Promise<T>, signal?: AbortSignal): Promise<T> {
  const over = new AbortController();
  const stall = async (): Promise<never> => {
    await delay(IMPORT_SECONDS, over.signal);
    throw new Stalled();
  };
  try {
    return await unlessAborted(Promise.race([imported, stall()]), signal);
  } finally {
    over.abort();
  }
}

/**
 * Waits for work that others wait for too: an abort ends the waiting and not the work.
 *
 * # Errors
 * The reason of the signal, or what the work rejects with.
 */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  let cancel = () => {};
  const aborted = new Promise<never>((_, reject) => {
    cancel = () => reject(signal.reason);
    if (signal.aborted) cancel();
    signal.addEventListener('abort', cancel, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

/** Resolves after `seconds`, or rejects as soon as the signal is aborted. */
function delay(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, seconds * 1000);
    const cancel = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    if (signal.aborted) cancel();
    else signal.addEventListener('abort', cancel, { once: true });
  });
}
