import type { Unpacked } from 'tonearm';
import type { ProjectContent, TrainSettings } from 'tonearm/project';
import type { ExampleRecord, LabelledRows, ProjectClass, ProjectRecord, RunFile } from '../store/records.js';
import { StoreError } from '../store/store-error.js';
import type { Store } from '../store/store.js';
import { texts } from '../../texts/texts.js';
import { newRun } from '../run/training.js';

/** Creates a class with a new id. */
export function newClass(name: string): ProjectClass {
  return { id: crypto.randomUUID(), name };
}

/** Reads the content of a project for a run or a zip, together with the files that a run records. */
export async function contentOf(
  store: Store,
  project: ProjectRecord,
  examples: ExampleRecord[],
): Promise<{ content: ProjectContent; files: RunFile[] }> {
  const classes = project.classes.map(({ name }) => name);
  if (project.table) {
    const rows = await store.rows(project.id);
    if (!rows) throw new StoreError('missing');
    return { content: { name: project.name, classes, ...contentOfRows(rows) }, files: filesOfRows(rows) };
  }
  const files: RunFile[] = [];
  const content: ProjectContent['files'] = [];
  for (const { id, classId, name, artist, seconds } of examples) {
    const features = await store.features(id);
    const index = project.classes.findIndex((each) => each.id === classId);
    if (!features || index < 0) continue;
    content.push({ name, class: index, artist, seconds, features });
    files.push({ id, name, class: index });
  }
  return { content: { name: project.name, classes, files: content, table: null }, files };
}

/** Stores the content of a zip as a new project, and its classifier as the result of a run. */
export async function importProject(store: Store, { project, settings, weights }: Unpacked): Promise<ProjectRecord> {
  const classes = project.classes.map(newClass);
  const created = await store.createProject({ name: project.name, classes, keepAudio: true }, rowsOf(project));
  try {
    return await fillProject(store, created, { project, settings, weights });
  } catch (thrown) {
    // The user could not tell a partly imported project from a complete one.
    await store.deleteProject(created.id);
    throw thrown;
  }
}

async function fillProject(store: Store, created: ProjectRecord, { project, settings, weights }: Unpacked): Promise<ProjectRecord> {
  for (const [index, { name, class: label, artist, seconds, features }] of project.files.entries()) {
    const classId = created.classes[label]?.id;
    if (!classId || !features) continue;
    // The zip does not contain the file, so its digest is unknown. This placeholder equals no SHA-256.
    const digest = `${created.id}-${index}`;
    await store.addExample({ projectId: created.id, classId, name, artist, seconds, nWindows: features.windows, digest }, features, null);
  }
  if (!settings) return created;
  await store.saveProject({ ...created, settings, modelRunId: weights && (await saveImportedRun(store, created, settings, weights)) });
  return created;
}

/** Stores a classifier as the result of a run and returns the run's id. */
async function saveImportedRun(store: Store, project: ProjectRecord, settings: TrainSettings, weights: Uint8Array): Promise<string> {
  const { files } = await contentOf(store, project, await store.examplesOf(project.id));
  const run = { ...newRun(project.id, settings, files, 'auto'), weights, status: 'done' as const, finishedAt: Date.now() };
  await store.saveRun(run);
  return run.id;
}

/** The rows of a table as the files of a run, identified by their row numbers. */
function filesOfRows({ labels }: LabelledRows): RunFile[] {
  const row = (label: number, index: number) => ({ id: String(index + 1), name: texts.train.table.row(String(index + 1)), class: label });
  return Array.from(labels, row);
}

function contentOfRows({ columns, values, labels, groups }: LabelledRows): Pick<ProjectContent, 'files' | 'table'> {
  const files = Array.from(labels, (label, index) => ({
    name: String(index + 1), class: label, artist: groups?.[index] ?? null, seconds: 0, features: null,
  }));
  return { files, table: { columns, values } };
}

function rowsOf({ files, table }: ProjectContent): LabelledRows | undefined {
  if (!table) return undefined;
  const groups = files.some(({ artist }) => artist !== null) ? files.map(({ artist }) => artist) : null;
  return { ...table, labels: Uint8Array.from(files, (file) => file.class), groups };
}
