import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { TableError, readTable } from '../../../www/src/train/import/table.js';
import { problemText } from '../../../www/src/train/import/table-problem.js';
import { CLIPS } from '../support/paths.js';

function refusal(csv: string): string {
  try {
    readTable(csv);
  } catch (thrown) {
    if (thrown instanceof TableError) return problemText(thrown.problem);
    throw thrown;
  }
  throw new Error('the table was not rejected');
}

test('classes are read from the genre column, and columns that number the rows are ignored', () => {
  const { classes, rows } = readTable('track_id,genre,group,tempo,energy,comment\n7,Rock,1,120,0.5,good\n9,Folk,1,90,1,bad\n11,Rock,,80,0,dull\n');
  expect(classes).toEqual(['Folk', 'Rock']);
  expect(rows.columns).toEqual(['tempo', 'energy']);
  expect([...rows.labels]).toEqual([1, 0, 1]);
  expect([...rows.values]).toEqual([120, 0.5, 90, 1, 80, 0]);
  expect(rows.groups).toEqual(['1', '1', null]);
});

test('classes are read from the only text column, whatever its name', () => {
  expect(readTable('a,mood\n1,calm\n2,wild\n').classes).toEqual(['calm', 'wild']);
});

test('classes may be numbers if the column is called label', () => {
  expect(readTable('a,label\n1,0\n2,1\n').classes).toEqual(['0', '1']);
});

test('a bad table is rejected with its reason', () => {
  expect(refusal('')).toBe('The table has no rows.');
  expect(refusal('a,b\n1,2\n')).toContain('no column of classes');
  expect(refusal('genre\nRock\n')).toBe('The table has no columns of numbers.');
  expect(refusal('genre,a\nRock,1\n,2\n')).toBe('Row 2 has no class.');
  expect(refusal('genre,a\nRock,1\nFolk,x\nFolk,2\n')).toBe('Row 2: a is "x", which is not a number.');
  expect(refusal('genre,a\nRock,1\nFolk,1e99\nFolk,2\n')).toContain('which is not a number');
  const many = Array.from({ length: 300 }, (_, i) => `c${i},${i}`).join('\n');
  expect(refusal(`genre,a\n${many}\n`)).toContain('300 different values');
});

test('the table of the study can be read unchanged', () => {
  const csv = path.resolve(CLIPS, '../echonest/ER_EchoNest_AudioFeatures.csv');
  test.skip(!existsSync(csv), 'the shared data are missing');
  const { classes, rows } = readTable(readFileSync(csv, 'utf8'));
  expect(classes).toEqual(['E', 'R']);
  expect(rows.columns).toHaveLength(8);
  expect(rows.labels).toHaveLength(4000);
});
