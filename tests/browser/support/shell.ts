import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from '@playwright/test';
import { BINARY } from './paths.js';

/**
 * Programs as a document calls them. `cargo` builds nothing: it gives the binary what is for it, and asks
 * xtask for help on what is for that, which it refuses for a command or an option that it does not know.
 */
const PROGRAMS = {
  tonearm: `exec "${BINARY}" "$@" $ASK`,
  cargo: `case "$*" in
    "run --release -p tonearm-cli -- "*) shift 5; exec "${BINARY}" "$@" $ASK ;;
    "xtask "*) shift; exec "$TONEARM_XTASK" "$@" --help ;;
    *) echo "cargo $*: no test knows this" >&2; exit 1 ;;
  esac`,
};

/** An empty folder of the present test. */
export function emptyFolder(name: string): string {
  const folder = test.info().outputPath(name);
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Runs a sample in a folder, to its first failure, and gives what it printed. */
export function shell(folder: string, code: string): string {
  return sh(folder, code, '');
}

/** Asks the binary, too, only whether it knows each command with its options: what it would work on is not there, or takes hours. */
export function ask(code: string): string {
  return sh(emptyFolder('asked'), code, '--help');
}

function sh(cwd: string, code: string, more: string): string {
  test.skip(/cargo xtask/.test(code) && !process.env.TONEARM_XTASK, 'TONEARM_XTASK does not name the program; cargo xtask test does');
  const bin = emptyFolder('bin');
  for (const [name, script] of Object.entries(PROGRAMS)) {
    const file = path.join(bin, name);
    writeFileSync(file, `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
  }
  const env = { ...process.env, PATH: `${bin}:${process.env.PATH}`, ASK: more };
  return execFileSync('sh', ['-e', '-c', code], { cwd, env, encoding: 'utf8', stdio: 'pipe' });
}
