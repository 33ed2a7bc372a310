import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { BACKGROUNDS, tokens } from '../../../pkg/src/element/tokens.js';
import { ROOT } from '../support/paths.js';
import { expect, test } from '@playwright/test';

/** The only file that may contain values of colours, sizes of text and breakpoints. */
const TOKENS = 'pkg/src/element/tokens.ts';

/** The only file that may set the sizes, and thereby the look, of all controls. */
const SHARED = 'pkg/src/element/shared-styles.ts';

const files = ['pkg/src', 'www/src']
  .flatMap((folder) => readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`))
  .filter((name) => /\.(ts|css)$/.test(name));

/** Lines outside of `allowed` that match. */
function linesWith(pattern: RegExp, ...allowed: string[]): string[] {
  return files
    .filter((file) => !allowed.includes(file))
    .flatMap((file) => readFileSync(path.join(ROOT, file), 'utf8').split('\n').flatMap((line, i) => (pattern.test(line) ? [`${file}:${i + 1}: ${line.trim()}`] : [])));
}

test('colours, sizes of text, corners and breakpoints are design tokens', () => {
  expect(linesWith(/[:( '"]#(?:[\da-f]{3}|[\da-f]{6})\b(?!\()/i, TOKENS)).toEqual([]);
  expect(linesWith(/light-dark\(/, TOKENS)).toEqual([]);
  expect(linesWith(/font-size: (?!var\(--_text|inherit)/)).toEqual([]);
  expect(linesWith(/border-radius: (?!var\(--_radius|50%)/)).toEqual([]);
  expect(linesWith(/@(?:media|container) .*width/)).toEqual([]);
  expect(linesWith(/(?<![\w-])(?:gap|padding|margin)[a-z-]*: [^;]*(?<![-\d])(?:4|8|12|16|20|24|32|40|48)px/)).toEqual([]);
});

test('every token that is used is declared', () => {
  const declared = new Set([...tokens.cssText.matchAll(/(--_[\w-]+):/g)].map(([, name]) => name));
  const used = files.flatMap((file) => [...readFileSync(path.join(ROOT, file), 'utf8').matchAll(/var\((--_[\w-]+)\)/g)].map(([, name]) => name));
  expect(used.filter((name) => !declared.has(name))).toEqual([]);
});

test('buttons, the focus ring and hidden texts have one style', () => {
  expect(linesWith(/(?:^|[ ,])button \{.*border: 1px/, SHARED)).toEqual([]);
  expect(linesWith(/focus-visible \{ outline: /, SHARED, 'www/src/train/classes/move-list.ts')).toEqual([]);
  expect(linesWith(/clip-path: inset\(50%\)/, SHARED)).toEqual([]);
});

test('the page for wrong addresses, which can load no style sheet, has the colours of the tokens', () => {
  const html = readFileSync(path.join(ROOT, 'www/public/404.html'), 'utf8');
  expect(html).toContain(`background: light-dark(${BACKGROUNDS.join(', ')})`);
  expect(html).toContain(`color: ${/--_ink: .*?(light-dark\(.*?\))/.exec(tokens.cssText)?.[1]};`);
});
