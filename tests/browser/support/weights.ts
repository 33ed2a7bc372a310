import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

/** The default weights file of a built site. */
export function shippedWeights(site: string): Uint8Array {
  const assets = path.join(site, 'assets');
  const name = readdirSync(assets).find((each) => each.startsWith('fusion') && each.endsWith('.bpk'));
  if (!name) throw new Error('the built site has no weights');
  return readFileSync(path.join(assets, name));
}

/** The same file, saying that a later program wrote it. */
export function newerVersion(bytes: Uint8Array): Uint8Array {
  return written(bytes, '"format_version":', (key) => `${key}9`);
}

/** The same parameters, in a file of another program: it says nothing that Tonearm would know. */
export function ofAnotherProgram(bytes: Uint8Array): Uint8Array {
  return written(bytes, 'gtonearm', () => 'gnotours');
}

/** A copy with other words where these are. */
function written(bytes: Uint8Array, words: string, others: (words: string) => string): Uint8Array {
  const copy = Buffer.from(bytes);
  const at = copy.indexOf(words);
  if (at < 0) throw new Error(`the weights have no ${words} where this looks for it`);
  copy.write(others(words), at);
  return copy;
}
