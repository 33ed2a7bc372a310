import { shippedWeights, workerProgram } from '../asset-urls.js';
import { knownError, refusal } from './errors.js';
import { Stalled, fetchWithDeadline } from './stall-deadline.js';
import { texts } from '../text/texts.js';
import { type AssetOptions, type ModuleName, type Read, TonearmError } from '../types.js';

/** A WebAssembly module with one SIMD instruction, to test whether the browser supports SIMD. */
const SIMD_PROBE = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
);

/** The first bytes of every WebAssembly module. */
const MAGIC = SIMD_PROBE.subarray(0, 4);

/**
 * Fetches and caches the files that a worker needs, so that a worker that was lost is replaced without another
 * download.
 */
export class Assets<Module extends ModuleName> {
  readonly #options: AssetOptions;
  readonly #moduleUrl: (module: Module) => URL;
  readonly #read: Read;
  readonly #cache = new Map<string, Promise<unknown>>();

  /**
   * @param moduleUrl - Returns the URL of a module in the package.
   * @param read - Reads a file. Default: downloads it.
   */
  constructor(options: AssetOptions, moduleUrl: (module: Module) => URL, read: Read = download) {
    this.#options = options;
    this.#moduleUrl = moduleUrl;
    this.#read = read;
  }

  /** Bytes of the weights file. */
  weights(): Promise<Uint8Array> {
    return this.#cached('weights', async () => {
      const { weights } = this.#options;
      if (weights instanceof Uint8Array) return weights;
      if (weights instanceof ArrayBuffer) return new Uint8Array(weights);
      if (weights === undefined) return this.#read(this.url('weights'));
      return this.#read(weights).catch((thrown) => {
        if (thrown instanceof TonearmError && thrown.code === 'download-stalled') throw thrown;
        throw refusal('weights', texts.weightsUnavailable(String(weights)));
      });
    });
  }

  /** Removes invalid weights from the cache, so that the next attempt fetches them again. */
  evictWeights() {
    this.#cache.delete('weights');
  }

  /** A compiled module, which can be posted to a worker. */
  module(name: Module): Promise<WebAssembly.Module> {
    return this.#cached(name, async () => {
      if (!hasSimd()) throw knownError('no-simd');
      if (!(await isCompilingAllowed())) throw knownError('no-wasm');
      // `compileStreaming` requires the content type `application/wasm`, which not every server sends.
      const bytes = await this.#read(this.url(name));
      // Some servers respond with an HTML page if the file is missing.
      if (!MAGIC.every((byte, i) => bytes[i] === byte)) throw knownError('download', this.url(name));
      return WebAssembly.compile(bytes);
    });
  }

  /** URL of a file of the package. `weights` are those of the shipped network. */
  url(file: Module | 'weights' | 'worker'): URL {
    const { assets } = this.#options;
    if (assets !== undefined) {
      // Node has no document, and accepts absolute URLs only.
      const base = globalThis.document?.baseURI;
      if (!URL.canParse(assets, base)) throw refusal('refused', texts.invalidAssets(String(assets)), texts.invalidAssetsAdvice);
      const folder = new URL(assets, base);
      if (!folder.pathname.endsWith('/')) folder.pathname += '/';
      return new URL(this.#pathOf(file), folder);
    }
    switch (file) {
      case 'weights':
        return shippedWeights(this.#network);
      case 'worker':
        return workerProgram();
      default:
        return this.#moduleUrl(file);
    }
  }

  /** Path of a file in the package. */
  #pathOf(file: Module | 'weights' | 'worker'): string {
    if (file === 'worker') return 'dist/worker.js';
    return file === 'weights' ? `weights/${this.#network}.bpk` : `wasm/${file}/tonearm_web_bg.wasm`;
  }

  get #network() {
    return this.#options.network ?? 'fusion';
  }

  /** Returns the cached value, else the one that `load` returns. Failures are not cached. */
  #cached<T>(key: string, load: () => Promise<T>): Promise<T> {
    const cached = this.#cache.get(key) as Promise<T> | undefined;
    if (cached) return cached;
    const loading = load();
    this.#cache.set(key, loading);
    loading.catch(() => this.#cache.delete(key));
    return loading;
  }
}

function hasSimd(): boolean {
  return typeof WebAssembly === 'object' && WebAssembly.validate(SIMD_PROBE);
}

/** Whether the page's content security policy allows WebAssembly; checked before modules are fetched. */
function isCompilingAllowed(): Promise<boolean> {
  return WebAssembly.compile(SIMD_PROBE).then(() => true, () => false);
}

async function download(url: string | URL): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await fetchWithDeadline(url, async (response) => {
      if (!response.ok) throw knownError('download', url);
      return new Uint8Array(await response.arrayBuffer());
    });
  } catch (thrown) {
    throw knownError(thrown instanceof Stalled ? 'download-stalled' : 'download', url);
  }
}
