import { expect, test } from '@playwright/test';
import { changesSince } from '../../../../www/src/train/project/changes-since.js';
import type { ExampleRecord, ProjectRecord, RunRecord } from '../../../../www/src/train/store/records.js';

const run = {
  files: [{ id: '1', name: '1.mp3', class: 0 }, { id: '2', name: '2.mp3', class: 1 }],
  result: { metrics: { perClass: [{ label: 'Dub' }, { label: 'Polka' }] } },
} as unknown as RunRecord;

const projectOf = (...names: string[]) => ({ classes: names.map((name, i) => ({ id: 'abc'[i], name })) }) as unknown as ProjectRecord;

/** Examples by id, each with the id of its class. */
const examplesOf = (...examples: [id: string, classId: string][]) => examples.map(([id, classId]) => ({ id, classId })) as unknown as ExampleRecord[];

test('a project in which only the order changed is as the run left it', () => {
  expect(changesSince(run, projectOf('Dub', 'Polka'), examplesOf(['2', 'b'], ['1', 'a']))).toBeUndefined();
  expect(changesSince(run, projectOf('Polka', 'Dub'), examplesOf(['1', 'b'], ['2', 'a']))).toBeUndefined();
});

test('files that were added, removed or moved to another class since a run are counted', () => {
  expect(changesSince(run, projectOf('Dub', 'Polka'), examplesOf(['1', 'b'], ['3', 'a'], ['4', 'a']))).toEqual({ added: 2, removed: 1, moved: 1, classes: false });
});

test('a renamed class is a change of the classes, not of its files', () => {
  expect(changesSince(run, projectOf('Dub', 'Waltz'), examplesOf(['1', 'a'], ['2', 'b']))).toEqual({ added: 0, removed: 0, moved: 0, classes: true });
  expect(changesSince(run, projectOf('Dub', 'Polka', 'Waltz'), examplesOf(['1', 'a'], ['2', 'b']))).toEqual({ added: 0, removed: 0, moved: 0, classes: true });
});

test('a model without results, and the rows of a table, have no changes', () => {
  expect(changesSince({ ...run, result: null }, projectOf('Dub'), [])).toBeUndefined();
  expect(changesSince(run, { ...projectOf('Dub', 'Polka'), table: { columns: [], counts: [] } }, [])).toBeUndefined();
});
