import type { AssetOptions } from './assets.js';
import { hasAdapter } from './gpu.js';
import type { BackendChoice, NetworkName } from './types.js';

/** Files of the package that a first answer may fetch, spelled out for bundlers. */
const SHIPPED = {
  'wasm/cpu/tonearm_web_bg.wasm': new URL('../wasm/cpu/tonearm_web_bg.wasm', import.meta.url),
  'wasm/webgpu/tonearm_web_bg.wasm': new URL('../wasm/webgpu/tonearm_web_bg.wasm', import.meta.url),
  'weights/fusion.bpk': new URL('../weights/fusion.bpk', import.meta.url),
  'weights/cnn.bpk': new URL('../weights/cnn.bpk', import.meta.url),
  'weights/rnn.bpk': new URL('../weights/rnn.bpk', import.meta.url),
};

type File = keyof typeof SHIPPED;

/** What settles which files are fetched. */
interface SizeOptions extends AssetOptions {
  network: NetworkName;
  weights?: string;
  assets?: string;
  backend: BackendChoice;
}

/** Sizes asked for so far, by address. */
const asked = new Map<string, Promise<number | undefined>>();

/**
 * Bytes of program and weights that a first answer fetches, as their host states them; undefined if
 * it does not. Asks for the headers alone, once a page.
 */
export async function downloadSize({ network, weights, assets, backend }: SizeOptions): Promise<number | undefined> {
  const address = (file: File) => (assets === undefined ? SHIPPED[file] : new URL(file, new URL(assets.replace(/\/?$/, '/'), document.baseURI)));
  const addresses = [
    address('wasm/cpu/tonearm_web_bg.wasm'),
    weights === undefined ? address(`weights/${network}.bpk`) : new URL(weights, document.baseURI),
  ];
  if (backend === 'webgpu' && (await hasAdapter())) addresses.push(address('wasm/webgpu/tonearm_web_bg.wasm'));
  const sizes = await Promise.all(addresses.map(sizeOf));
  return sizes.reduce((sum, size) => (sum === undefined || size === undefined ? undefined : sum + size), 0);
}

function sizeOf(address: URL): Promise<number | undefined> {
  // Already here, and without headers.
  if (address.protocol === 'blob:') return Promise.resolve(0);
  const size = asked.get(address.href) ?? ask(address);
  asked.set(address.href, size);
  return size;
}

async function ask(address: URL): Promise<number | undefined> {
  const response = await fetch(address, { method: 'HEAD' }).catch(() => undefined);
  const length = response?.ok ? response.headers.get('content-length') : null;
  return length === null ? undefined : Number(length);
}
