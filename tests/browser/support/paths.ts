import path from 'node:path';

/** Root folder of the repository. */
export const ROOT = path.resolve(import.meta.dirname, '../../..');

/** The built site. */
export const SITE = process.env.TONEARM_SITE ?? path.join(ROOT, 'www/dist');

/** The built package. */
export const PACKAGE = path.join(ROOT, 'pkg');

/** The binary that `cargo test --release` builds. */
export const BINARY =
  process.env.TONEARM_BIN ?? path.join(process.env.CARGO_TARGET_DIR ?? path.join(ROOT, 'target'), 'release/tonearm');

/** Folder with real clips, which exists only on some machines. */
export const CLIPS = path.resolve(ROOT, '../shared/data/audio');

/** A recording of a person reading a book aloud. */
export const SPEECH = path.join(ROOT, 'crates/cli/tests/fixtures/speech.flac');

/** Folder for screenshots that people can look at; ignored by git. */
export const SCREENSHOTS = path.join(import.meta.dirname, '../test-results/screenshots');

/** Path of a shipped weights file. */
export function weightsOf(network: string): string {
  return path.join(PACKAGE, `weights/${network}.bpk`);
}
