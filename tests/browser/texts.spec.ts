import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { literalTexts } from './support/literal-texts.js';
import { ROOT } from './support/paths.js';

test('a text that stands in a template is found', () => {
  const source = "const a = html`<p title=\"Seen\" class=${'no'}>Read ${b ? html`<b>this</b>` : `not`} ${words.these} &nbsp;</p>`; // html`<p>Nor this</p>`";
  expect(literalTexts(source).sort()).toEqual(['Read', 'Seen', 'this']);
});

test('every text of the page and the element is in a catalogue', () => {
  const sources = ['pkg/src', 'www/src'].flatMap((folder) => {
    const names = readdirSync(path.join(ROOT, folder), { encoding: 'utf8', recursive: true });
    return names.filter((name) => name.endsWith('.ts')).map((name) => path.join(folder, name));
  });
  expect(sources.length).toBeGreaterThan(60);
  const outside = sources.flatMap((name) => literalTexts(readFileSync(path.join(ROOT, name), 'utf8')).map((text) => `${name}: ${text}`));
  expect(outside).toEqual([]);
});
