/** Seconds without received data after which a download counts as stalled. */
const STALL_SECONDS = 30;

/**
 * Longest duration of a dynamic import, in seconds. The browser does not report the progress of a module's download,
 * so this limits the total time, and is long enough for a slow connection.
 */
const IMPORT_SECONDS = 180;

/** A download has stalled. */
export class Stalled extends Error {
  override readonly name = 'Stalled';

  constructor() {
    super('the download stalled');
  }
}

/** Options of {@link fetchWithDeadline}. */
export interface FetchOptions {
  /** HTTP method. Default: `GET`. */
  method?: 'GET' | 'HEAD';
  /** Mode of the request. Default: `cors`. */
  mode?: RequestMode;
  /** Cancels the download. */
  signal?: AbortSignal | undefined;
  /** Seconds without received data after which the download counts as stalled. Default: {@link STALL_SECONDS}. */
  stallSeconds?: number;
}

/**
 * Fetches a URL and resolves to the result of `read`. The download ends as soon as `read` has settled, even if the
 * body was not read.
 *
 * The deadline limits the time between two received chunks, not the total time, so that slow connections succeed.
 *
 * # Errors
 * {@link Stalled}, the signal's reason, or the error of `fetch` or `read`.
 */
export async function fetchWithDeadline<T>(
  url: string | URL,
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
    const response = await fetch(url, { method, mode, signal: download.signal });
    restartTimer();
    return await read(withChunkCallback(response, restartTimer));
  } catch (thrown) {
    // `fetch` and the methods that read the body do not always reject with the reason of the abort.
    download.signal.throwIfAborted();
    throw thrown;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', cancel);
    download.abort();
  }
}

/** Returns a copy of the response that calls `onChunk` for each chunk of its body. */
function withChunkCallback(response: Response, onChunk: () => void): Response {
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
 * Waits until a worker has started.
 *
 * The browser does not report the progress of the script's download. If the worker has not started after
 * `stallSeconds`, this function therefore fetches the same script with a stall deadline, usually from the HTTP cache
 * that the worker's own request fills. The worker then has another `stallSeconds`.
 *
 * # Errors
 * {@link Stalled}, or the error of `started`.
 */
export async function startWithDeadline<T>(script: string | URL, started: Promise<T>, stallSeconds: number = STALL_SECONDS): Promise<T> {
  const over = new AbortController();
  const { signal } = over;
  const stall = async (): Promise<never> => {
    await delay(stallSeconds, signal);
    await fetchWithDeadline(script, (response) => response.arrayBuffer(), { signal, stallSeconds }).catch((thrown) => {
      // The worker itself reports all other errors of the download.
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
 * {@link Stalled} after {@link IMPORT_SECONDS}, the signal's reason, or the error of the import.
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
 * Waits for work that has other users, too. Aborting the signal ends the waiting, not the work.
 *
 * # Errors
 * The signal's reason, or the error of the work.
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

/** Resolves after `seconds`, or rejects when the signal is aborted. */
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
