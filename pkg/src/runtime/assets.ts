import { shippedWeights, workerProgram } from '../asset-urls.js';
import { refusal, trouble } from './errors.js';
import { Stalled, fetchWithDeadline } from './stall-deadline.js';
import { texts } from '../text/texts.js';
import { type AssetOptions, type ModuleName, type Read, TonearmError } from '../types.js';

/** A module with one SIMD instruction in it: valid where the network can run. */
const SIMD_PROBE = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
);

/** What every module begins with. */
const MAGIC = SIMD_PROBE.subarray(0, 4);

/**
 * The files that a worker needs, each fetched once and kept: a worker that dies is replaced
 * without a download.
 */
export class Assets<Module extends ModuleName> {
  readonly #options: AssetOptions;
  readonly #ofPackage: (module: Module) => URL;
  readonly #read: Read;
  readonly #kept = new Map<string, Promise<unknown>>();

  /** @param ofPackage - Where its modules are in the package. */
  constructor(options: AssetOptions, ofPackage: (module: Module) => URL, read: Read = download) {
    this.#options = options;
    this.#ofPackage = ofPackage;
    this.#read = read;
  }

  /** Bytes of the weights file. */
  weights(): Promise<Uint8Array> {
    return this.#keep('weights', async () => {
      const { weights } = this.#options;
      if (weights instanceof Uint8Array) return weights;
      if (weights instanceof ArrayBuffer) return new Uint8Array(weights);
      if (weights === undefined) return this.#read(this.address('weights'));
      return this.#read(weights).catch((thrown) => {
        if (thrown instanceof TonearmError && thrown.code === 'download-stalled') throw thrown;
        throw refusal('weights', texts.weightsUnread(String(weights)));
      });
    });
  }

  /** Forgets weights that turned out to be no good, so that the next attempt fetches them anew. */
  dropWeights() {
    this.#kept.delete('weights');
  }

  /** A compiled module; a worker is given it as it is. */
  module(name: Module): Promise<WebAssembly.Module> {
    return this.#keep(name, async () => {
      if (!hasSimd()) throw trouble('no-simd');
      if (!(await mayCompile())) throw trouble('no-wasm');
      // Not compileStreaming: it needs the right content type, which not every host sends.
      const bytes = await this.#read(this.address(name));
      // Some hosts answer with a page where there is no such file.
      if (!MAGIC.every((byte, i) => bytes[i] === byte)) throw trouble('download', this.address(name));
      return WebAssembly.compile(bytes);
    });
  }

  /** Where a file of the package is fetched; its weights are those of the network that is shipped. */
  address(what: Module | 'weights' | 'worker'): URL {
    const { assets } = this.#options;
    if (assets !== undefined) {
      if (!URL.canParse(assets, document.baseURI)) throw refusal('refused', texts.noAddress(String(assets)));
      const folder = new URL(assets, document.baseURI);
      if (!folder.pathname.endsWith('/')) folder.pathname += '/';
      return new URL(this.#pathOf(what), folder);
    }
    switch (what) {
      case 'weights':
        return shippedWeights(this.#network);
      case 'worker':
        return workerProgram();
      default:
        return this.#ofPackage(what);
    }
  }

  /** Where a file is in the package. */
  #pathOf(what: Module | 'weights' | 'worker'): string {
    if (what === 'worker') return 'dist/worker.js';
    return what === 'weights' ? `weights/${this.#network}.bpk` : `wasm/${what}/tonearm_web_bg.wasm`;
  }

  get #network() {
    return this.#options.network ?? 'fusion';
  }

  /** Keeps what was fetched, and forgets what failed, so that it can be tried again. */
  #keep<T>(key: string, make: () => Promise<T>): Promise<T> {
    const kept = this.#kept.get(key) as Promise<T> | undefined;
    if (kept) return kept;
    const made = make();
    this.#kept.set(key, made);
    made.catch(() => this.#kept.delete(key));
    return made;
  }
}

function hasSimd(): boolean {
  return typeof WebAssembly === 'object' && WebAssembly.validate(SIMD_PROBE);
}

/** Whether the policy of the page lets WebAssembly be compiled, asked before anything is fetched for it. */
function mayCompile(): Promise<boolean> {
  return WebAssembly.compile(SIMD_PROBE).then(() => true, () => false);
}

async function download(address: string | URL): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await fetchWithDeadline(address, async (response) => {
      if (!response.ok) throw trouble('download', address);
      return new Uint8Array(await response.arrayBuffer());
    });
  } catch (thrown) {
    throw trouble(thrown instanceof Stalled ? 'download-stalled' : 'download', address);
  }
}
