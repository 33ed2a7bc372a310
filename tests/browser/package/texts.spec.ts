import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { texts } from '../../../www/src/texts/texts.js';
import { literalTexts, looseUnits, textsOf } from '../support/texts/literal-texts.js';
import { ROOT } from '../support/paths.js';

/** Folders of the catalogues of texts. */
const CATALOGUES = /^(pkg\/src\/text|www\/src\/texts)\//;

/** Sources of the page and the element, by name. */
const sources = new Map(
  ['pkg/src', 'www/src'].flatMap((folder) => {
    const names = readdirSync(path.join(ROOT, folder), { encoding: 'utf8', recursive: true }).filter((name) => name.endsWith('.ts'));
    return names.map((name) => [path.join(folder, name), readFileSync(path.join(ROOT, folder, name), 'utf8')] as const);
  }),
);

/** All matches of a search in the sources, each after the name of its source. */
function inSources(search: (source: string) => string[]): string[] {
  return [...sources].flatMap(([name, source]) => search(source).map((text) => `${name}: ${text}`));
}

test('literal texts in templates are found', () => {
  const source = "const a = html`<p title=\"Seen\" class=${'no'}>Read ${b ? html`<b>this</b>` : `not`} ${words.these} &nbsp;</p>`; // html`<p>Nor this</p>`";
  expect(literalTexts(source).sort()).toEqual(['Read', 'Seen', 'this']);
});

test('units after a placeholder are found', () => {
  expect(looseUnits('`${n} s` + `${n}\\u00a0kHz` + `${n} %` + `left:${n}%` + `${n} songs`')).toEqual(['} s', '}\\u00a0kHz', '} %']);
});

test('every text of the page and the element is in a catalogue', () => {
  expect(sources.size).toBeGreaterThan(60);
  expect(inSources(literalTexts)).toEqual([]);
});

test('every unit, number format and date format is in a catalogue', () => {
  const formats = (source: string) => source.match(/toLocale\w*String|Intl\.\w+/g) ?? [];
  const found = [...inSources(looseUnits), ...inSources(formats)];
  expect(found.length).toBeGreaterThan(0);
  expect(found.filter((each) => !CATALOGUES.test(each))).toEqual([]);
});

test('every text in the HTML files is in the catalogue', () => {
  const known = valuesOf(texts);
  const pages: Record<string, string[]> = {
    'index.html': [texts.page.titles.listen, texts.page.noScript, texts.page.description],
    'embed.html': [texts.page.titles.listen, texts.page.noScript],
    'public/404.html': Object.values(texts.page.notFound),
  };
  for (const [name, expected] of Object.entries(pages)) {
    const found = textsOf(readFileSync(path.join(ROOT, 'www', name), 'utf8'));
    expect(found, name).toEqual(expect.arrayContaining(expected));
    expect(found.filter((text) => !known.has(text)), name).toEqual([]);
  }
});

/** All texts below a value, except those with parameters. */
function valuesOf(value: unknown): Set<string> {
  if (typeof value === 'string') return new Set([value]);
  if (typeof value !== 'object' || value === null) return new Set();
  return new Set(Object.values(value).flatMap((inner) => [...valuesOf(inner)]));
}
