import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from '@playwright/test';
import { BINARY } from './paths.js';

/**
 * Scripts that replace the programs in the documents' commands. `cargo` builds nothing: `cargo run` calls the
 * binary, and `cargo xtask` is called with `--help`, which fails for an unknown command or option.
 */
const PROGRAMS = {
  tonearm: `exec "${BINARY}" "$@" $EXTRA`,
  cargo: `case "$*" in
    "run --release -p tonearm-cli -- "*) shift 5; exec "${BINARY}" "$@" $EXTRA ;;
    "xtask "*) shift; exec "$TONEARM_XTASK" "$@" --help ;;
    *) echo "cargo $*: not supported in tests" >&2; exit 1 ;;
  esac`,
};

/** Creates an empty folder for the current test. */
export function emptyFolder(name: string): string {
  const folder = test.info().outputPath(name);
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Runs a sample in a folder and returns its output. Throws if a command fails. */
export function shell(folder: string, code: string): string {
  return run(folder, code, '');
}

/** Checks only that the programs know each command and its options, for samples whose data are missing or that take hours. */
export function checkOptions(code: string): string {
  return run(emptyFolder('options'), code, '--help');
}

/** Runs a sample with the scripts above in the path, and with extra arguments for the binary. */
function run(cwd: string, code: string, extra: string): string {
  test.skip(/cargo xtask/.test(code) && !process.env.TONEARM_XTASK, 'TONEARM_XTASK is not set; cargo xtask test sets it');
  const bin = emptyFolder('bin');
  for (const [name, script] of Object.entries(PROGRAMS)) {
    const file = path.join(bin, name);
    writeFileSync(file, `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
  }
  const env = { ...process.env, PATH: `${bin}:${process.env.PATH}`, EXTRA: extra };
  return execFileSync('sh', ['-e', '-c', code], { cwd, env, encoding: 'utf8', stdio: 'pipe' });
}
