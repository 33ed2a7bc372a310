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
  const newer = Buffer.from(bytes);
  const key = '"format_version":';
  const at = newer.indexOf(key);
  if (at < 0) throw new Error('the weights do not state their version where this looks for it');
  newer.write('9', at + key.length);
  return newer;
}
