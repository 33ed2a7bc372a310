import type { Page } from '@playwright/test';
import { indexedDatabase } from '../../../../www/src/train/store/indexed-database.js';
import { Store, openStore } from '../../../../www/src/train/store/store.js';
import { TonearmPage, expect, test } from '../../support/pages/tonearm.js';
import { contents, freshIndexedDb, newRun } from '../../support/training.js';
import { Workbench } from '../../support/pages/workbench.js';

/** Tables of each earlier version of the schema. Version 2 first had no `removed`. */
const VERSIONS: [number, string[]][] = [
  [1, ['projects', 'examples', 'features', 'audio', 'runs']],
  [2, ['projects', 'examples', 'features', 'audio', 'rows', 'runs']],
  [2, ['projects', 'examples', 'removed', 'features', 'audio', 'rows', 'runs']],
  [3, ['projects', 'examples', 'removed', 'features', 'audio', 'rows', 'runs']],
];

const settings = {
  recipe: 'transfer', epochs: 40, batch: 16, optimizer: 'adamw', dropout: 0, augment: false, validation: 0.25, folds: 0, patience: 5, seed: 3,
};
const epoch = { fold: 1, epoch: 1, epochs: 40 };
const metrics = { n: 2, top1: 0.5, top3: 1, balanced: 0.5, ece: 0.1, confusion: [[1, 0], [1, 0]] };
const classes = [
  { label: 'Hip_Hop', n: 1, precision: 0.5, recall: 1, f1: 0.75 },
  { label: 'Folk', n: 1, precision: 0, recall: 0, f1: 0 },
];
const predictions = [
  { file: 1, probabilities: [0.9, 0.1] },
  { file: 3, probabilities: [0.8, 0.2] },
];
const coordinates = [[0, 0], [1, 0], [0, 1], [1, 1]];
const result = {
  train: [0, 2],
  validation: [1, 3],
  reliability: Array.from({ length: 15 }, (_, i) => ({ n: i === 13 ? 2 : 0, confidence: 0.85, accuracy: 0.5 })),
  interval: [0.1, 0.9],
};

/** A run with the names of version 3. */
const oldRun = {
  ...newRun('crate', []),
  id: 'run',
  status: 'done',
  files: [0, 1, 2, 3].map((i) => ({ id: `file ${i}`, name: `Song_${i}.mp3`, class: i < 2 ? 0 : 1 })),
  settings: { ...settings, learning_rate: 0.02, weight_decay: 0.1 },
  epochs: [{ ...epoch, n_folds: 1, train_loss: 0.5, train_top1: 0.75, validation_loss: 0.6, validation_top1: 0.5, learning_rate: 0.02, is_best: true }],
  result: {
    ...result,
    answers: predictions,
    places: coordinates,
    metrics: { ...metrics, macro_f1: 0.375, per_class: classes },
    kept_epoch: 1,
    first_loss: 0.69,
    notes: [{ kind: 'one-artist', class: 'Hip_Hop' }, { kind: 'chosen' }, { kind: 'restarted', times: 2 }],
  },
};

/** The same run with the names of version 4. */
const newNames = {
  settings: { ...settings, learningRate: 0.02, weightDecay: 0.1 },
  epochs: [{ ...epoch, nFolds: 1, trainLoss: 0.5, trainTop1: 0.75, validationLoss: 0.6, validationTop1: 0.5, learningRate: 0.02, isBest: true }],
  result: {
    ...result,
    predictions,
    coordinates,
    metrics: { ...metrics, macroF1: 0.375, perClass: classes },
    keptEpoch: 1,
    firstLoss: 0.69,
    notes: [{ kind: 'one-artist', class: 'Hip_Hop' }, { kind: 'chosen-on-validation' }, { kind: 'optimizer-reset', times: 2 }],
  },
};

const project = {
  id: 'crate',
  name: 'Crate',
  createdAt: 1,
  changedAt: 2,
  classes: [{ id: 'a', name: 'Hip_Hop' }, { id: 'b', name: 'Folk' }],
  keepAudio: true,
  modelRunId: 'run',
};
const oldProject = { ...project, settings: oldRun.settings };

/** Creates a database of an earlier version with these records. Runs in Node and in a page. */
async function createDatabase({ version, tables, records }: { version: number; tables: string[]; records: [table: string, record: unknown][] }) {
  const opening = indexedDB.open('tonearm-train', version);
  opening.onupgradeneeded = () => {
    for (const table of tables) {
      const store = opening.result.createObjectStore(table, { keyPath: 'id' });
      if (['examples', 'removed', 'runs'].includes(table)) store.createIndex('project', 'projectId');
    }
    for (const [table, record] of records) opening.transaction!.objectStore(table).add(record);
  };
  await new Promise((resolve, reject) => Object.assign(opening, { onsuccess: resolve, onerror: reject }));
  opening.result.close();
}

test.describe('in Node', () => {
  test.beforeEach(freshIndexedDb);

  for (const [version, tables] of VERSIONS) {
    test(`a database of version ${version} with ${tables.length} tables opens with all its records`, async () => {
      const record = { projectId: 'one of projects', classes: [], changedAt: version };
      await createDatabase({ version, tables, records: tables.map((table) => [table, { ...record, id: `one of ${table}` }]) });
      const database = await indexedDatabase();
      const stored = await contents(database);
      for (const [table, rows] of Object.entries(stored)) {
        expect(rows, table).toEqual(tables.includes(table) ? [{ ...record, id: `one of ${table}` }] : []);
      }
      const store = new Store(database);
      expect((await store.runsOf('one of projects')).map(({ id }) => id)).toEqual(['one of runs']);
      // The deletion uses the indexes of the tables that the upgrade added.
      await store.deleteProject('one of projects');
      expect((await contents(database)).projects).toEqual([]);
    });

    test(`the upgrade from version ${version} with ${tables.length} tables renames the fields of settings, epochs and results`, async () => {
      await createDatabase({ version, tables, records: [['projects', oldProject], ['runs', oldRun]] });
      const store = new Store(await indexedDatabase());
      expect(await store.projects()).toEqual([{ ...project, settings: newNames.settings }]);
      expect(await store.runsOf('crate')).toEqual([{ ...oldRun, ...newNames }]);
      store.close();

      const reopened = new Store(await indexedDatabase());
      expect(await reopened.runsOf('crate')).toEqual([{ ...oldRun, ...newNames }]);
    });
  }

  test('the upgrade keeps records that are incomplete, have the new names already, or come from the first version', async () => {
    const runs = [
      { id: '1', projectId: 'crate', startedAt: 4 },
      { ...oldRun, ...newNames, id: '2', startedAt: 3 },
      { ...oldRun, id: '3', startedAt: 2, epochs: [], result: null },
      { ...oldRun, id: '4', startedAt: 1, result: { best_epoch: 7, notes: [] } },
    ];
    const [version, tables] = VERSIONS.at(-1)!;
    await createDatabase({ version, tables, records: [['projects', project], ...runs.map((run): [string, unknown] => ['runs', run])] });
    const store = new Store(await indexedDatabase());
    expect(await store.projects()).toEqual([project]);
    expect(await store.runsOf('crate')).toEqual([
      runs[0],
      runs[1],
      { ...runs[2], settings: newNames.settings },
      { ...runs[3], settings: newNames.settings, epochs: newNames.epochs, result: { keptEpoch: 7, notes: [] } },
    ]);
  });

  test('a failed upgrade changes nothing and is reported, and the next visit repeats it', async () => {
    const [version, tables] = VERSIONS.at(-1)!;
    await createDatabase({ version, tables, records: [['projects', oldProject], ['runs', oldRun]] });
    const { update } = IDBCursor.prototype;
    IDBCursor.prototype.update = function (record: { projectId?: string }) {
      if (record.projectId) throw new DOMException('full', 'QuotaExceededError');
      return update.call(this, record);
    };
    try {
      await expect(openStore()).rejects.toMatchObject({ name: 'StoreError', code: 'failed' });
    } finally {
      IDBCursor.prototype.update = update;
    }
    const store = await openStore();
    expect(store.persistent).toBe(true);
    expect(await store.projects()).toEqual([{ ...project, settings: newNames.settings }]);
    expect(await store.runsOf('crate')).toEqual([{ ...oldRun, ...newNames }]);
  });
});

/** Opens a page of the site that leaves the database alone, creates a database in it, and opens Train. */
async function openTrainWith(page: Page, tonearm: TonearmPage, database: Parameters<typeof createDatabase>[0]) {
  await tonearm.open();
  await page.evaluate(createDatabase, database);
  const bench = new Workbench(tonearm);
  await bench.open();
  return bench;
}

test('the results, settings and epochs of a run that an earlier version stored are shown', async ({ tonearm, page, consoleErrors }) => {
  const [version, tables] = VERSIONS.at(-1)!;
  const example = { id: 'file 0', projectId: 'crate', classId: 'a', name: 'Song_0.mp3', artist: null, seconds: 30, nWindows: 1, digest: '', addedAt: 1, hasAudio: false, order: 1 };
  const records: [string, unknown][] = [['projects', oldProject], ['runs', oldRun], ['examples', example]];
  const bench = await openTrainWith(page, tonearm, { version, tables, records });

  const scores = bench.view.locator('class-scores');
  await expect(scores).toContainText('0.38');
  await expect(scores.getByRole('row', { name: /Hip_Hop/ })).toContainText('0.75');
  await expect(bench.view.locator('worst-mistakes')).toContainText('Song_3');
  await expect(bench.view.locator('train-map path.validation')).toHaveCount(2);
  await expect(bench.view.getByText('kept its best validation epoch')).toBeVisible();
  await expect(bench.view.locator('runs-table')).toContainText('0.02');
  await page.locator('train-panel').getByText('Settings', { exact: true }).click();
  await expect(page.locator('train-panel input[name="learningRate"]')).toHaveValue('0.02');
  await bench.picture('train-upgraded');
  expect(consoleErrors).toEqual([]);
});
