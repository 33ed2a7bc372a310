import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

/** The default weights file of a built site. */
export function shippedWeights(site: string): Uint8Array {
  const assets = path.join(site, 'assets');
  const name = readdirSync(assets).find((each) => each.startsWith('fusion') && each.endsWith('.bpk'));
  if (!name) throw new Error('the built site has no weights');
  return readFileSync(path.join(assets, name));
}

/** A copy of a weights file with a newer format version. */
export function newerVersion(bytes: Uint8Array): Uint8Array {
  return replaceText(bytes, '"format_version":', (key) => `${key}9`);
}

/** A copy of a weights file without Tonearm's metadata, as if another program had written it. */
export function ofAnotherProgram(bytes: Uint8Array): Uint8Array {
  return replaceText(bytes, 'gtonearm', () => 'gnotours');
}

/** Copies bytes and overwrites the first occurrence of a text. */
export function replaceText(bytes: Uint8Array, text: string, replacement: (text: string) => string): Uint8Array {
  const copy = Buffer.from(bytes);
  const at = copy.indexOf(text);
  if (at < 0) throw new Error(`${text} is missing in the weights file`);
  copy.write(replacement(text), at);
  return copy;
}
