import { inferenceModule } from '../asset-urls.js';
import { Assets } from './assets.js';
import { hasAdapter } from './gpu.js';
import { fetchWithDeadline } from './stall-deadline.js';
import type { AssetOptions, BackendChoice } from '../types.js';

/** What settles which files are fetched. */
interface SizeOptions extends AssetOptions {
  weights?: string;
  backend: BackendChoice;
}

/** Sizes asked for so far, by address. */
const asked = new Map<string, Promise<number | undefined>>();

/**
 * Bytes of program and weights that a first answer fetches, as their host states them; undefined if
 * it does not. Asks for the headers alone, once a page.
 */
export async function downloadSize({ backend, ...options }: SizeOptions): Promise<number | undefined> {
  const assets = new Assets(options, inferenceModule);
  const addresses = [assets.address('cpu'), options.weights ?? assets.address('weights')];
  if (backend === 'webgpu' && (await hasAdapter())) addresses.push(assets.address('webgpu'));
  const sizes = await Promise.all(addresses.map((address) => sizeOf(String(address))));
  return sizes.reduce((sum, size) => (sum === undefined || size === undefined ? undefined : sum + size), 0);
}

async function sizeOf(address: string): Promise<number | undefined> {
  // Already here, and without headers.
  if (address.startsWith('blob:')) return 0;
  const size = asked.get(address) ?? ask(address);
  asked.set(address, size);
  try {
    return await size;
  } catch {
    // Without a response from the host, the next caller asks again.
    asked.delete(address);
    return undefined;
  }
}

/** The size that the host states; undefined if it states none. Rejects if it does not respond. */
async function ask(address: string): Promise<number | undefined> {
  const length = await fetchWithDeadline(address, ({ ok, headers }) => (ok ? headers.get('content-length') : null), { method: 'HEAD' });
  return length === null ? undefined : Number(length);
}
