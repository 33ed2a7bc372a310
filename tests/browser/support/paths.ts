import path from 'node:path';

/** Top folder of the repository. */
export const ROOT = path.resolve(import.meta.dirname, '../../..');

/** The built site. */
export const SITE = process.env.TONEARM_SITE ?? path.join(ROOT, 'www/dist');

/** The built package. */
export const PACKAGE = path.join(ROOT, 'pkg');

/** The companion binary, as `cargo test --release` leaves it. */
export const BINARY =
  process.env.TONEARM_BIN ?? path.join(process.env.CARGO_TARGET_DIR ?? path.join(ROOT, 'target'), 'release/tonearm');

/** Real clips, where the machine has them. */
export const CLIPS = path.resolve(ROOT, '../shared/data/audio');

/** Somebody who reads a book aloud. */
export const SPEECH = path.join(ROOT, 'crates/cli/tests/fixtures/speech.flac');

/** Pictures of the page for a person to look at; ignored by git. */
export const SCREENSHOTS = path.join(import.meta.dirname, '../test-results/screenshots');

/** A weights file that is shipped. */
export function weightsOf(network: string): string {
  return path.join(PACKAGE, `weights/${network}.bpk`);
}
