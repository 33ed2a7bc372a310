import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { ROOT } from '../support/paths.js';
import { DOCUMENTS, type Sample, samplesOf } from '../support/samples.js';
import { emptyFolder } from '../support/shell.js';

/** What the documents say that the reader has: the element, a file, and files with the indices of their classes. */
const GIVEN = `import 'tonearm/element';
declare global {
  const file: File;
  const songs: [File, number][];
}`;

/** The scripts of a sample: all of it, or what is between the script tags of HTML. */
function scriptsOf({ language, code }: Sample): string[] {
  if (['js', 'ts', 'tsx'].includes(language)) return [code];
  return language === 'html' ? [...code.matchAll(/<script[^>]*>([^]*?)<\/script>/g)].map(([, script]) => script!).filter((script) => script.trim()) : [];
}

/** Compiles scripts by their names, and returns the compiler's messages. */
function compile(scripts: Map<string, string>): string {
  // A folder inside the repository, so that the compiler finds the package.
  const folder = emptyFolder('scripts');
  writeFileSync(path.join(folder, 'given.d.ts'), GIVEN);
  for (const [name, script] of scripts) writeFileSync(path.join(folder, `${name}.ts`), `${script}\nexport {};\n`);
  const options = ['--noEmit', '--pretty', 'false', '--strict', '--target', 'es2022', '--module', 'esnext', '--moduleResolution', 'bundler', '--skipLibCheck', '--ignoreConfig'];
  const files = ['given', ...scripts.keys()].map((name) => (name === 'given' ? 'given.d.ts' : `${name}.ts`));
  try {
    return execFileSync(path.join(ROOT, 'node_modules/.bin/tsc'), [...options, '--types', '', ...files], { cwd: folder, encoding: 'utf8' });
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

test('a script that strict TypeScript rejects is reported', () => {
  expect(compile(new Map([['bad', 'const files = { all: [] }; files.all.push(file);']]))).toMatch(/^bad\.ts\(1,\d+\): error TS/);
});

test('every script in the documents compiles as strict TypeScript', () => {
  const scripts = new Map<string, string>();
  for (const document of DOCUMENTS) {
    for (const [name, sample] of samplesOf(document)) {
      for (const [index, script] of scriptsOf(sample).entries()) scripts.set(`${document} ${name} ${index}`.replace(/\W+/g, '-'), script);
    }
  }
  expect(scripts.size).toBeGreaterThan(5);
  expect(compile(scripts)).toBe('');
});
