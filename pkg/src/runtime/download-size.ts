import { inferenceModule } from '../asset-urls.js';
import { Assets } from './assets.js';
import { hasAdapter } from './gpu.js';
import { fetchWithDeadline } from './stall-deadline.js';
import type { AssetOptions, BackendChoice } from '../types.js';

/** The options that determine which files are fetched. */
interface SizeOptions extends AssetOptions {
  weights?: string;
  backend: BackendChoice;
}

/** Requested sizes, by URL. */
const sizes = new Map<string, Promise<number | undefined>>();

/**
 * Number of bytes of program and weights that the first prediction downloads; undefined if the server does not state
 * it. Sends a `HEAD` request for each file, once per page.
 */
export async function downloadSize({ backend, ...options }: SizeOptions): Promise<number | undefined> {
  const assets = new Assets(options, inferenceModule);
  const urls = [assets.url('cpu'), options.weights ?? assets.url('weights')];
  if (backend === 'webgpu' && (await hasAdapter())) urls.push(assets.url('webgpu'));
  const fileSizes = await Promise.all(urls.map((url) => sizeOf(String(url))));
  return fileSizes.reduce((sum, size) => (sum === undefined || size === undefined ? undefined : sum + size), 0);
}

async function sizeOf(url: string): Promise<number | undefined> {
  // A blob needs no download.
  if (url.startsWith('blob:')) return 0;
  const size = sizes.get(url) ?? fetchSize(url);
  sizes.set(url, size);
  try {
    return await size;
  } catch {
    // The server did not respond, so the next caller sends the request again.
    sizes.delete(url);
    return undefined;
  }
}

/** Size that the server states; undefined if it states none. Rejects if the server does not respond. */
async function fetchSize(url: string): Promise<number | undefined> {
  const length = await fetchWithDeadline(url, ({ ok, headers }) => (ok ? headers.get('content-length') : null), { method: 'HEAD' });
  return length === null ? undefined : Number(length);
}
