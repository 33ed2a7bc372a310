import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { TableError, readTable } from '../../../www/src/train/import/table.js';
import { CLIPS } from '../support/paths.js';

function refusal(csv: string): string {
  try {
    readTable(csv);
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(TableError);
    return (thrown as Error).message;
  }
  throw new Error('it was not refused');
}

test('classes come from the column of that name, and what numbers the rows is left out', () => {
  const { classes, rows } = readTable('track_id,genre,group,tempo,energy,comment\n7,Rock,1,120,0.5,good\n9,Folk,1,90,1,bad\n11,Rock,,80,0,dull\n');
  expect(classes).toEqual(['Folk', 'Rock']);
  expect(rows.columns).toEqual(['tempo', 'energy']);
  expect([...rows.labels]).toEqual([1, 0, 1]);
  expect([...rows.values]).toEqual([120, 0.5, 90, 1, 80, 0]);
  expect(rows.groups).toEqual(['1', '1', null]);
});

test('the only column of text holds the classes, whatever its name', () => {
  expect(readTable('a,mood\n1,calm\n2,wild\n').classes).toEqual(['calm', 'wild']);
});

test('classes may be numbers where the column says what it is', () => {
  expect(readTable('a,label\n1,0\n2,1\n').classes).toEqual(['0', '1']);
});

test('what is wrong with a table is said', () => {
  expect(refusal('')).toBe('The table has no rows.');
  expect(refusal('a,b\n1,2\n')).toContain('no column of classes');
  expect(refusal('genre\nRock\n')).toBe('The table has no columns of numbers.');
  expect(refusal('genre,a\nRock,1\n,2\n')).toBe('Row 2 has no class.');
  expect(refusal('genre,a\nRock,1\nFolk,x\nFolk,2\n')).toBe('Row 2: a is "x", which is no number.');
  expect(refusal('genre,a\nRock,1\nFolk,1e99\nFolk,2\n')).toContain('which is no number');
  const many = Array.from({ length: 300 }, (_, i) => `c${i},${i}`).join('\n');
  expect(refusal(`genre,a\n${many}\n`)).toContain('300 different values');
});

test('the table of the study works as it is', () => {
  const csv = path.resolve(CLIPS, '../echonest/ER_EchoNest_AudioFeatures.csv');
  test.skip(!existsSync(csv), 'the shared data are not here');
  const { classes, rows } = readTable(readFileSync(csv, 'utf8'));
  expect(classes).toEqual(['E', 'R']);
  expect(rows.columns).toHaveLength(8);
  expect(rows.labels).toHaveLength(4000);
});
