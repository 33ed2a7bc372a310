import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { texts } from '../../../www/src/page/texts.js';
import { literalTexts, looseUnits, textsOf } from '../support/literal-texts.js';
import { ROOT } from '../support/paths.js';

/** Sources of the page and the element, by name. */
const sources = new Map(
  ['pkg/src', 'www/src'].flatMap((folder) => {
    const names = readdirSync(path.join(ROOT, folder), { encoding: 'utf8', recursive: true }).filter((name) => name.endsWith('.ts'));
    return names.map((name) => [path.join(folder, name), readFileSync(path.join(ROOT, folder, name), 'utf8')] as const);
  }),
);

/** What `found` finds in each source, with the source's name. */
function inSources(found: (source: string) => string[]): string[] {
  return [...sources].flatMap(([name, source]) => found(source).map((text) => `${name}: ${text}`));
}

test('a text that stands in a template is found', () => {
  const source = "const a = html`<p title=\"Seen\" class=${'no'}>Read ${b ? html`<b>this</b>` : `not`} ${words.these} &nbsp;</p>`; // html`<p>Nor this</p>`";
  expect(literalTexts(source).sort()).toEqual(['Read', 'Seen', 'this']);
});

test('a unit that is put behind a number is found', () => {
  expect(looseUnits('`${n} s` + `${n}\\u00a0kHz` + `${n} %` + `left:${n}%` + `${n} songs`')).toEqual(['} s', '}\\u00a0kHz', '} %']);
});

test('every text of the page and the element is in a catalogue', () => {
  expect(sources.size).toBeGreaterThan(60);
  expect(inSources(literalTexts)).toEqual([]);
});

test('every unit, and how numbers and dates are written, is in a catalogue', () => {
  const written = (source: string) => source.match(/toLocale\w*String|Intl\.\w+/g) ?? [];
  const found = [...inSources(looseUnits), ...inSources(written)];
  expect(found.length).toBeGreaterThan(0);
  expect(found.filter((each) => !/^[\w/-]*texts\.ts:/.test(each))).toEqual([]);
});

test('what the pages say before they are run is said in the catalogue too', () => {
  const known = valuesOf(texts);
  const pages: Record<string, string[]> = {
    'index.html': [texts.titles.listen, texts.noScript, texts.description],
    'embed.html': [texts.titles.listen, texts.noScript],
    'public/404.html': Object.values(texts.absent),
  };
  for (const [name, expected] of Object.entries(pages)) {
    const said = textsOf(readFileSync(path.join(ROOT, 'www', name), 'utf8'));
    expect(said, name).toEqual(expect.arrayContaining(expected));
    expect(said.filter((text) => !known.has(text)), name).toEqual([]);
  }
});

/** All texts of a catalogue but those that are made of others. */
function valuesOf(catalogue: unknown): Set<string> {
  if (typeof catalogue === 'string') return new Set([catalogue]);
  if (typeof catalogue !== 'object' || catalogue === null) return new Set();
  return new Set(Object.values(catalogue).flatMap((value) => [...valuesOf(value)]));
}
