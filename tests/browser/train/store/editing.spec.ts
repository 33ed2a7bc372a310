import { expect, test } from '@playwright/test';
import { type FileFeaturesResult, TrainingClient } from 'tonearm';
import { OpenProject } from '../../../../www/src/train/project/open-project.js';
import { Editing } from '../../../../www/src/train/project/editing.js';
import { place } from '../../../../www/src/train/project/placement.js';
import { Store, openStore } from '../../../../www/src/train/store/store.js';
import { features, freshIndexedDb, newExample, newProject } from '../../support/training.js';

test.beforeEach(freshIndexedDb);

/** Opens a project with the examples one.flac, two.mp3 and four.mp3 in class `a`, and three.mp3 in class `b`. */
async function setUp(client = new TrainingClient()): Promise<{ openProject: OpenProject; editing: Editing; store: Store; names: (classId: string) => string[]; idOf: (name: string) => string }> {
  const store = await openStore();
  const { project } = await newProject(store);
  await store.addExample(newExample(project.id, 'four.mp3'), features(4), null);
  const openProject = new OpenProject(store, client, () => undefined);
  await openProject.open(project.id);
  return {
    openProject,
    editing: new Editing(openProject),
    store,
    names: (classId) => openProject.examples.filter((example) => example.classId === classId).map(({ name }) => name),
    idOf: (name) => openProject.examples.find((example) => example.name === name)!.id,
  };
}

test('moves that are requested while another one is pending are all applied', async () => {
  const { openProject, editing, names, idOf } = await setUp();
  expect(names('a')).toEqual(['one.flac', 'two.mp3', 'four.mp3']);
  // As in the page, each move is requested while the others are not visible yet.
  await Promise.all([
    editing.placeExample(idOf('four.mp3'), { by: -1 }),
    editing.placeExample(idOf('four.mp3'), { by: -1 }),
    editing.placeExample(idOf('one.flac'), { by: 1 }),
  ]);
  expect(names('a')).toEqual(['four.mp3', 'two.mp3', 'one.flac']);
  await Promise.all([editing.placeClass('a', { by: 1 }), editing.placeClass('b', { by: 1 })]);
  expect(openProject.project?.classes.map(({ id }) => id)).toEqual(['a', 'b']);
  await editing.undo();
  expect(openProject.project?.classes.map(({ id }) => id)).toEqual(['b', 'a']);
});

test('an edit that is requested while another project is opening changes neither that project nor its examples', async () => {
  const { openProject, editing, store } = await setUp();
  const other = await newProject(store, 'Other');
  const [before] = [await store.project(other.project.id)];
  const showing = openProject.enqueue(() => openProject.open(other.project.id));
  // The page still shows the first project.
  await Promise.all([showing, editing.addClass('Meant for the first'), editing.removeClass('a')]);
  expect(openProject.project?.id).toBe(other.project.id);
  expect(await store.project(other.project.id)).toEqual(before);
  expect(await store.examplesOf(other.project.id)).toHaveLength(3);
});

test('examples are not moved to a class that was removed in the meantime', async () => {
  const { openProject, editing, names, idOf } = await setUp();
  await Promise.all([editing.removeClass('b'), editing.moveExample(idOf('one.flac'), 'b'), editing.mergeClass('a', 'b')]);
  expect(openProject.error).toBeNull();
  expect(openProject.project?.classes.map(({ id }) => id)).toEqual(['a']);
  expect(names('a')).toEqual(['one.flac', 'two.mp3', 'four.mp3']);
});

test('a placement is resolved against the current list', () => {
  const list = [...'abcd'].map((id) => ({ id }));
  const after = (id: string, placement: Parameters<typeof place>[2]) => place(list, id, placement).map((each) => each.id).join('');
  expect(after('c', { by: -1 })).toBe('acbd');
  expect(after('c', { by: 9 })).toBe('abdc');
  expect(after('a', { before: 'd' })).toBe('bcad');
  expect(after('d', { before: 'a' })).toBe('dabc');
  expect(after('b', { before: null })).toBe('acdb');
  expect(after('a', { placeOf: 'c' })).toBe('bcad');
  expect(after('d', { placeOf: 'b' })).toBe('adbc');
  expect(after('d', { index: 0 })).toBe('dabc');
  for (const placement of [{ by: 0 }, { before: 'gone' }, { placeOf: 'gone' }, { index: 1 }]) expect(place(list, 'b', placement)).toBe(list);
  expect(place(list, 'gone', { by: 1 })).toBe(list);
});

test('undoing the removal of a class restores the files that were waiting for it', async () => {
  const { openProject, editing } = await setUp();
  const waiting = (classId: string) => openProject.importQueue!.files.filter((file) => file.classId === classId).map(({ name }) => name);
  // The first file is never read, so that the others wait.
  const blocked = () => new Promise<Blob>(() => undefined);
  const item = (name: string, classId: string) => ({ name, classId, source: blocked, artist: null });
  openProject.importQueue!.add([item('blocked.mp3', 'b'), item('five.mp3', 'a'), item('six.mp3', 'a')]);
  await editing.removeClass('a');
  expect(waiting('a')).toEqual([]);
  await editing.undo();
  expect(waiting('a')).toEqual(['five.mp3', 'six.mp3']);
  await editing.mergeClass('a', 'b');
  expect(waiting('b')).toEqual(['blocked.mp3', 'five.mp3', 'six.mp3']);
});

test('undo does not add the files of a removed class to another project', async () => {
  const { openProject, editing, store } = await setUp();
  const other = await newProject(store, 'Other');
  const blocked = () => new Promise<Blob>(() => undefined);
  const item = (name: string, classId: string) => ({ name, classId, source: blocked, artist: null });
  openProject.importQueue!.add([item('blocked.mp3', 'b'), item('five.mp3', 'a')]);
  await editing.removeClass('a');
  const { undo } = openProject;
  await openProject.open(other.project.id);
  await undo!.undo();
  expect(openProject.importQueue!.files).toEqual([]);
});

test('a file that is being analysed goes with its class when the class is merged into another', async () => {
  let finish!: (result: FileFeaturesResult) => void;
  const client = Object.assign(new TrainingClient(), { features: () => new Promise<FileFeaturesResult>((resolve) => (finish = resolve)) });
  const { openProject, editing, names } = await setUp(client);
  openProject.importQueue!.add([{ name: 'five.mp3', classId: 'a', source: new Blob(['five']), artist: null }]);
  await expect.poll(() => finish).toBeDefined();
  await editing.mergeClass('a', 'b');
  finish({ features: features(5), seconds: 5, artist: null, notes: [] });
  await expect.poll(() => openProject.importQueue!.files).toEqual([]);
  expect(names('b')).toContain('five.mp3');
});

test('files are not added to a project with a table', async () => {
  const { openProject, editing, store } = await setUp();
  const rows = { columns: ['a'], values: Float32Array.of(1, 2), labels: Uint8Array.of(0, 1), groups: null };
  const classes = ['Folk', 'Rock'].map((name) => ({ id: name, name }));
  const { id } = await store.createProject({ name: 'Rows', classes, keepAudio: false }, rows);
  await openProject.open(id);
  await editing.addFiles([{ file: new File(['x'], 'one.mp3'), className: 'Jazz', artist: null }], 'Folk');
  expect(openProject.project?.classes).toEqual(classes);
  expect(openProject.importQueue?.files).toEqual([]);
});
