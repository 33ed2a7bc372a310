import { expect, test } from '@playwright/test';
import type { Database } from '../../../../www/src/train/store/database.js';
import { indexedDatabase } from '../../../../www/src/train/store/indexed-database.js';
import { memoryDatabase } from '../../../../www/src/train/store/memory-database.js';
import { Store } from '../../../../www/src/train/store/store.js';
import { NOTHING, contents, features, freshIndexedDb, newExample, newProject, newRun, song } from '../../support/training.js';

const PLACES: Record<string, () => Database | Promise<Database>> = { IndexedDB: indexedDatabase, memory: memoryDatabase };

for (const [place, open] of Object.entries(PLACES)) {
  test.describe(`stored in ${place}`, () => {
    let database: Database;
    let store: Store;

    test.beforeEach(async () => {
      freshIndexedDb();
      database = await open();
      store = new Store(database);
    });

    test.afterEach(() => store.close());

    test('a project is read back as it was saved', async () => {
      const { project, examples, run } = await newProject(store);
      expect(await store.projects()).toEqual([{ ...project, changedAt: expect.any(Number) }]);
      expect(await store.examplesOf(project.id)).toEqual(examples);
      expect(await store.runsOf(project.id)).toEqual([run]);
      expect(await store.features(examples[2].id)).toEqual(features(3));
      const audio = await store.audio(examples[0].id);
      expect([audio?.type, [...new Uint8Array(await audio!.arrayBuffer())]]).toEqual(['audio/flac', [7, 8, 9]]);
      expect([await store.audio(examples[1].id), await store.features('none'), await store.project('none')]).toEqual([null, null, null]);
    });

    test('projects are listed by their latest change', async () => {
      const [one, two] = [await newProject(store, 'One'), await newProject(store, 'Two')];
      const before = (await store.project(two.project.id))!.changedAt;
      await expect.poll(() => Date.now()).toBeGreaterThan(before);
      await store.addExample(newExample(one.project.id, 'four.mp3'), features(4), null);
      expect((await store.projects()).map(({ name }) => name)).toEqual(['One', 'Two']);
    });

    test('examples are listed in the order in which they were added, even concurrently', async () => {
      const { id } = await store.createProject({ name: 'Crate', classes: [{ id: 'a', name: 'Dub' }], keepAudio: false });
      const names = Array.from({ length: 20 }, (_, i) => `${i}.mp3`);
      // Every second example has a file that is read first.
      await Promise.all(names.map((name, i) => store.addExample(newExample(id, name), features(i), i % 2 ? null : song(i))));
      expect((await store.examplesOf(id)).map(({ name }) => name)).toEqual(names);
    });

    test('changing a record that was read does not change the stored record', async () => {
      const { project, examples } = await newProject(store);
      const before = await contents(database);
      (await store.projects())[0]!.classes.pop();
      (await store.examplesOf(project.id))[0]!.name = 'changed';
      (await store.features(examples[0].id))!.mel[0] = 99;
      (await store.runsOf(project.id))[0]!.files.pop();
      expect(await contents(database)).toEqual(before);
    });

    test('only the bytes of a view are stored, not its whole buffer', async () => {
      const { project, examples } = await newProject(store);
      const memory = new Uint8Array(65_536).fill(5);
      const view = memory.subarray(100, 104);
      const { id } = await store.addExample(newExample(project.id, 'view.mp3'), { ...features(1), mel: view, mfcc: view }, null);
      await store.saveRun({ ...newRun(project.id, [examples[0].id]), weights: view, checkpoint: view });
      const stored = await store.features(id);
      const run = (await store.runsOf(project.id)).find(({ files }) => files.length === 1)!;
      for (const bytes of [stored!.mel, stored!.mfcc, run.weights!, run.checkpoint!]) {
        expect([bytes.byteLength, bytes.buffer.byteLength]).toEqual([4, 4]);
      }
    });

    test('a duplicate has the same content as its original, with new ids', async () => {
      const { project, examples, run } = await newProject(store);
      const copy = await store.duplicateProject(project.id, 'Copy');
      expect(copy).toMatchObject({ name: 'Copy', classes: project.classes, keepAudio: true });
      expect(await store.project(copy.id)).toEqual(copy);

      const copied = await store.examplesOf(copy.id);
      expect(copied.map((example) => ({ ...example, id: '', projectId: '' }))).toEqual(
        examples.map((example) => ({ ...example, id: '', projectId: '' })),
      );
      expect(await store.features(copied[2]!.id)).toEqual(features(3));
      expect((await store.audio(copied[0]!.id))?.size).toBe(3);

      const [copiedRun] = await store.runsOf(copy.id);
      expect(copiedRun).toEqual({
        ...run,
        id: copy.modelRunId,
        projectId: copy.id,
        files: copied.map(({ id }, index) => ({ ...run!.files[index]!, id })),
        status: 'paused',
      });
      const ids = Object.values(await contents(database)).map((rows) => rows.length);
      expect(ids, 'projects, examples, removed, features, audio, rows, runs').toEqual([2, 6, 0, 6, 2, 0, 2]);
    });

    test('deleting a duplicate does not affect its original, and vice versa', async () => {
      const { project } = await newProject(store);
      const before = await contents(database);
      const copy = await store.duplicateProject(project.id, 'Copy');
      await store.deleteProject(copy.id);
      expect(await contents(database)).toEqual(before);

      const second = await store.duplicateProject(project.id, 'Copy');
      await store.deleteProject(project.id);
      const stored = await contents(database);
      expect(Object.values(stored).map((rows) => rows.length)).toEqual([1, 3, 0, 3, 1, 0, 1]);
      expect(stored.projects).toEqual([second]);
    });

    test('the rows of a table are stored separately from its summary, and are copied and deleted with the project', async () => {
      const rows = { columns: ['a', 'b'], values: Float32Array.of(1, 2, 3, 4, 5, 6), labels: Uint8Array.of(1, 0, 1), groups: ['x', null, 'y'] };
      const classes = ['Folk', 'Rock'].map((name) => ({ id: name, name }));
      const project = await store.createProject({ name: 'Rows', classes, keepAudio: false }, rows);
      expect((await store.project(project.id))?.table).toEqual({ columns: ['a', 'b'], counts: [1, 2] });
      const copy = await store.duplicateProject(project.id, 'Copy');
      await store.deleteProject(project.id);
      expect(await store.rows(copy.id)).toEqual(rows);
      expect(await store.rows(project.id)).toBeNull();
      await store.deleteProject(copy.id);
      expect(await contents(database)).toEqual(NOTHING);
    });

    test('deleting a project leaves no records', async () => {
      const { project } = await newProject(store);
      await store.deleteProject(project.id);
      expect(await contents(database)).toEqual(NOTHING);
    });

    test('deleting everything leaves no records', async () => {
      await newProject(store);
      await newProject(store);
      await store.clearAll();
      expect(await contents(database)).toEqual(NOTHING);
    });

    test('restored examples are the same as before their removal', async () => {
      const { examples } = await newProject(store);
      const { projects: _, ...before } = await contents(database);
      const removed = await store.change({ remove: [examples[0].id, examples[2].id, 'gone already'] });
      expect(removed).toEqual([examples[0].id, examples[2].id]);
      expect(await store.examplesOf(examples[0].projectId)).toEqual([examples[1]]);
      await store.change({ restore: removed });
      const { projects: ___, ...after } = await contents(database);
      expect(after).toEqual(before);
    });

    test('erasing removed examples also deletes their features and audio', async () => {
      const { project, examples } = await newProject(store);
      const removed = await store.change({ remove: [examples[0].id, examples[2].id] });
      await store.eraseRemoved(project.id, [examples[2].id]);
      const ids = Object.entries(await contents(database)).map(([table, rows]) => [table, rows.map(({ id }) => id).sort()]);
      const [second, third] = [examples[1].id, examples[2].id];
      expect(Object.fromEntries(ids)).toMatchObject({ examples: [second], removed: [third], features: [second, third].sort(), audio: [] });
      // Restoring several examples fails if one is missing.
      await expect(store.change({ restore: removed })).rejects.toMatchObject({ code: 'missing' });
      await store.change({ restore: [third] });
      expect(await store.examplesOf(project.id)).toEqual([examples[1], examples[2]]);
    });

    test('a class can be removed and restored together with its examples', async () => {
      const { project, examples } = await newProject(store);
      const without = { ...project, classes: project.classes.slice(1) };
      const removed = await store.change({ project: without, remove: [examples[0].id, examples[1].id] });
      expect((await store.project(project.id))?.classes).toEqual([{ id: 'b', name: 'Polka' }]);
      expect(await store.examplesOf(project.id)).toEqual([examples[2]]);

      await store.change({ project, restore: removed });
      expect((await store.project(project.id))?.classes).toEqual(project.classes);
      expect(await store.examplesOf(project.id)).toEqual(examples);
    });

    test('a change that fails in part is not applied at all', async () => {
      const { project, examples } = await newProject(store);
      const before = await contents(database);
      const unknown = { ...examples[2], id: 'unknown' };
      const change = store.change({ project: { ...project, name: 'New' }, remove: [examples[0].id], examples: [unknown] });
      await expect(change).rejects.toMatchObject({ code: 'missing' });
      expect(await contents(database)).toEqual(before);
    });

    test('examples can be renamed and moved', async () => {
      const { project, examples } = await newProject(store);
      const moved = { ...examples[0], name: 'New name', classId: 'b' };
      await store.change({ examples: [moved] });
      expect(await store.examplesOf(project.id)).toEqual([moved, examples[1], examples[2]]);
      expect((await store.audio(moved.id))?.size).toBe(3);
    });

    test('the file of an example that is saved without audio is deleted', async () => {
      const { project, examples } = await newProject(store);
      await store.change({ project: { ...project, keepAudio: false }, examples: [{ ...examples[0], hasAudio: false }] });
      expect((await contents(database)).audio).toEqual([]);
    });

    test('an example must have a class of its project', async () => {
      const { project, examples } = await newProject(store);
      const removed = await store.change({ remove: [examples[1].id] });
      await store.change({ project: { ...project, classes: project.classes.slice(1) } });
      const before = await contents(database);
      for (const save of [
        () => store.addExample(newExample(project.id, 'late.mp3', 'gone'), features(9), song(1)),
        () => store.change({ examples: [{ ...examples[2], classId: 'gone' }] }),
        () => store.change({ restore: removed }),
      ]) {
        await expect(save()).rejects.toMatchObject({ name: 'StoreError', code: 'missing' });
      }
      expect(await contents(database)).toEqual(before);
    });

    test('nothing is saved for a project that was deleted in the meantime', async () => {
      const { project, examples, run } = await newProject(store);
      const removed = await store.change({ remove: [examples[0].id] });
      await store.deleteProject(project.id);
      for (const save of [
        () => store.saveProject(project),
        () => store.change({ examples: [examples[1]] }),
        () => store.addExample(newExample(project.id, 'late.mp3'), features(9), song(1)),
        () => store.change({ restore: removed }),
        () => store.saveRun(run),
        () => store.duplicateProject(project.id, 'Copy'),
      ]) {
        await expect(save()).rejects.toMatchObject({ name: 'StoreError', code: 'missing' });
      }
      expect(await contents(database)).toEqual(NOTHING);
    });

    test('a saved run replaces its earlier version', async () => {
      const { project, run } = await newProject(store);
      const next = { ...run, status: 'done' as const, finishedAt: run.startedAt + 1, checkpoint: null };
      await store.saveRun(next);
      expect(await store.runsOf(project.id)).toEqual([next]);
    });

    test('a run can be named, keeps its name in a duplicate, and can lose it again', async () => {
      const { project, run } = await newProject(store);
      await store.renameRun(run.id, 'Baseline');
      expect(await store.runsOf(project.id)).toEqual([{ ...run, name: 'Baseline' }]);
      // A training saves the record that it began with.
      await store.saveRun({ ...run, status: 'paused' });
      expect((await store.runsOf(project.id)).map(({ name, status }) => [name, status])).toEqual([['Baseline', 'paused']]);
      await store.saveRun(run);
      const copy = await store.duplicateProject(project.id, 'Copy');
      expect((await store.runsOf(copy.id)).map(({ name }) => name)).toEqual(['Baseline']);
      await store.renameRun(run.id, '');
      expect(await store.runsOf(project.id)).toEqual([run]);
      await store.deleteRun(run.id);
      await expect(store.renameRun(run.id, 'Late')).rejects.toMatchObject({ name: 'StoreError', code: 'missing' });
    });

    test("deleting the run of a project's model leaves the project without a model", async () => {
      const { project, run } = await newProject(store);
      await store.deleteRun(run.id);
      expect([await store.runsOf(project.id), (await store.project(project.id))?.modelRunId]).toEqual([[], null]);
    });

    test('a record that cannot be stored is rejected', async () => {
      const { project } = await newProject(store);
      const before = await contents(database);
      const uncloneable = { ...project, name: (() => undefined) as unknown as string };
      await expect(store.saveProject(uncloneable)).rejects.toMatchObject({ name: 'StoreError', code: 'failed' });
      expect(await contents(database)).toEqual(before);
    });

    test('a run is stored and made the model in one step', async () => {
      const { project, examples } = await newProject(store);
      const run = newRun(project.id, [examples[0].id]);
      await store.saveRun(run, true);
      expect((await store.project(project.id))?.modelRunId).toBe(run.id);
      expect((await store.runsOf(project.id)).map(({ id }) => id)).toContain(run.id);
    });

    test('a closed store rejects every call', async () => {
      store.close();
      await expect(store.projects()).rejects.toMatchObject({ name: 'StoreError', code: 'closed' });
      await expect(store.clearAll()).rejects.toMatchObject({ name: 'StoreError', code: 'closed' });
    });
  });
}
