import { expect, test } from '@playwright/test';
import { TrainingClient } from 'tonearm';
import { OpenProject } from '../../../../www/src/train/project/open-project.js';
import { indexedDatabase } from '../../../../www/src/train/store/indexed-database.js';
import { Store, openStore } from '../../../../www/src/train/store/store.js';
import { texts } from '../../../../www/src/texts/texts.js';
import { contents, features, freshIndexedDb, newExample, newProject, newRun, refuseIndexedDb, song } from '../../support/training.js';

test.beforeEach(freshIndexedDb);

/** Calls each writing method once. All calls succeed. */
async function writeAll(store: Store) {
  const { project, examples, run } = await newProject(store);
  await store.change({ examples: [examples[1]] });
  await store.change({ restore: await store.change({ remove: [examples[0].id] }) });
  await store.change({ project });
  const copy = await store.duplicateProject(project.id, 'Copy');
  await store.deleteRun(run.id);
  await store.deleteProject(copy.id);
  await store.clearAll();
}

/** Makes transactions with puts fail when they commit, as on a full disk, until the returned function is called. */
function failAtCommit(errorName: string): () => void {
  const { put } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.put = function (...args) {
    const request = put.apply(this, args);
    request.addEventListener('success', () => {
      (this.transaction as unknown as { _abort(name: string): void })._abort(errorName);
    });
    return request;
  };
  return () => void (IDBObjectStore.prototype.put = put);
}

/** Makes puts throw immediately, until the returned function is called. */
function failAtPut(errorName: string): () => void {
  const { put } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.put = () => {
    throw new DOMException('refused', errorName);
  };
  return () => void (IDBObjectStore.prototype.put = put);
}

/** Runs an action while storage is full. The first deletion frees enough space. */
async function whileFull(fail: (errorName: string) => () => void, action: () => Promise<unknown>) {
  const restore = fail('QuotaExceededError');
  const { delete: remove } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.delete = function (...args) {
    restore();
    return remove.apply(this, args);
  };
  try {
    await action();
  } finally {
    restore();
    IDBObjectStore.prototype.delete = remove;
  }
}

test('a project is still there after the store is closed and reopened', async () => {
  const first = await openStore();
  expect(first.persistent).toBe(true);
  const { project, examples, run } = await newProject(first);
  first.close();

  const second = await openStore();
  expect(await second.projects()).toMatchObject([{ id: project.id, name: 'Crate', modelRunId: run.id }]);
  expect(await second.examplesOf(project.id)).toEqual(examples);
  expect(await second.features(examples[0].id)).toEqual(features(1));
  expect([...new Uint8Array(await (await second.audio(examples[0].id))!.arrayBuffer())]).toEqual([7, 8, 9]);
  expect(await second.runsOf(project.id)).toEqual([run]);
});

test('a transaction opens only the tables that it accesses', async () => {
  const store = await openStore();
  const { project, run } = await newProject(store);
  const opened: string[][] = [];
  const { transaction } = IDBDatabase.prototype;
  IDBDatabase.prototype.transaction = function (tables, mode, options) {
    opened.push(typeof tables === 'string' ? [tables] : [...tables]);
    return transaction.call(this, tables, mode, options);
  };
  try {
    await store.projects();
    await store.saveRun(run);
    await store.saveProject(project);
  } finally {
    IDBDatabase.prototype.transaction = transaction;
  }
  expect(opened).toEqual([['projects'], ['projects', 'runs'], ['projects', 'examples', 'removed', 'audio']]);
});

test('every writing transaction requests strict durability', async () => {
  const requested: [string | undefined, string | undefined][] = [];
  const { transaction } = IDBDatabase.prototype;
  IDBDatabase.prototype.transaction = function (tables, mode, options) {
    requested.push([mode, options?.durability]);
    return transaction.call(this, tables, mode, options);
  };
  try {
    await writeAll(await openStore());
  } finally {
    IDBDatabase.prototype.transaction = transaction;
  }
  const writes = requested.filter(([mode]) => mode === 'readwrite');
  expect(writes.length).toBeGreaterThan(10);
  expect(new Set(writes.map(([, durability]) => durability))).toEqual(new Set(['strict']));
});

for (const [moment, fail] of Object.entries({ 'at a put': failAtPut, 'at the commit': failAtCommit })) {
  test(`a full disk gives an error that says what to do, if the browser reports it ${moment}`, async () => {
    const database = await indexedDatabase();
    const store = new Store(database);
    const { project, examples } = await newProject(store);
    const before = await contents(database);
    const writes = [
      () => store.createProject({ name: 'New', classes: [], keepAudio: false }),
      () => store.saveProject({ ...project, name: 'New' }),
      () => store.addExample(newExample(project.id, 'four.mp3'), features(4), song(1)),
      () => store.change({ remove: [examples[0].id] }),
      () => store.saveRun(newRun(project.id, [])),
      () => store.duplicateProject(project.id, 'Copy'),
    ];
    const restore = fail('QuotaExceededError');
    try {
      for (const write of writes) {
        await expect(write()).rejects.toMatchObject({ name: 'StoreError', code: 'quota', message: texts.train.store.quota });
      }
    } finally {
      restore();
    }
    expect(await contents(database)).toEqual(before);
  });

  test(`audio can be deleted when storage is full, if the browser reports it ${moment}`, async () => {
    const database = await indexedDatabase();
    const store = new Store(database);
    const { project } = await newProject(store);
    await whileFull(fail, () => store.deleteAudio(project.id));
    expect((await contents(database)).audio).toEqual([]);
    expect((await store.examplesOf(project.id)).map(({ hasAudio }) => hasAudio)).toEqual([false, false, false]);
  });

  test(`removed examples are erased to free space for new ones, if the browser reports a full disk ${moment}`, async () => {
    const database = await indexedDatabase();
    const store = new Store(database);
    const { project, examples } = await newProject(store);
    const openProject = new OpenProject(store, new TrainingClient(), () => undefined);
    await openProject.offerUndo({ message: 'one.mp3 was removed', removed: await store.change({ remove: [examples[0].id] }), undo: async () => undefined });
    await whileFull(fail, () => store.addExample(newExample(project.id, 'four.mp3'), features(4), song(1)));
    expect(openProject.undo).toBeNull();
    const { removed, audio } = await contents(database);
    expect([removed!.length, audio!.length]).toEqual([0, 1]);
    expect((await store.examplesOf(project.id)).map(({ name }) => name)).toEqual(['two.mp3', 'three.mp3', 'four.mp3']);
  });

  test(`any other failure gives an error with a message for the user, if the browser reports it ${moment}`, async () => {
    const store = await openStore();
    const restore = fail('UnknownError');
    try {
      const saving = store.createProject({ name: 'New', classes: [], keepAudio: false });
      await expect(saving).rejects.toMatchObject({ name: 'StoreError', code: 'failed', message: texts.train.store.failed });
    } finally {
      restore();
    }
  });
}

for (const [problem, make] of Object.entries({
  'accessing IndexedDB throws': refuseIndexedDb,
  'there is no IndexedDB': () => Object.defineProperty(globalThis, 'indexedDB', { configurable: true, value: undefined }),
  'IndexedDB cannot be opened': () => {
    indexedDB.open = () => {
      throw new DOMException('A mutation operation was attempted.', 'InvalidStateError');
    };
  },
})) {
  test(`projects are kept in memory if ${problem}`, async () => {
    make();
    const store = await openStore();
    expect(store.persistent).toBe(false);
    const { project, examples } = await newProject(store);
    expect(await store.examplesOf(project.id)).toEqual(examples);
  });
}

test('a newer version in another tab can upgrade the database, and this tab reports it', async () => {
  const store = await openStore();
  const opening = indexedDB.open('tonearm-train', 99);
  const newer = await new Promise<IDBDatabase>((resolve, reject) => {
    opening.onsuccess = () => resolve(opening.result);
    opening.onblocked = () => reject(new Error('the older version stays open'));
  });
  await expect(store.projects()).rejects.toMatchObject({ code: 'closed', message: texts.train.store.closed });
  await expect(store.clearAll()).rejects.toMatchObject({ code: 'closed' });
  newer.close();
  // A store in memory would look as if all projects were lost.
  await expect(openStore()).rejects.toMatchObject({ code: 'closed' });
});
