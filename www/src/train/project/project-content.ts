import type { Unpacked } from 'tonearm';
import type { ProjectContent, TrainSettings } from 'tonearm/project';
import type { ExampleRecord, LabelledRows, ProjectClass, ProjectRecord, RunFile } from '../store/records.js';
import { StoreError } from '../store/store-error.js';
import type { Store } from '../store/store.js';
import { trainTexts } from '../texts.js';
import { newRun } from '../run/training.js';

/** A class that is new in its project. */
export function newClass(name: string): ProjectClass {
  return { id: crypto.randomUUID(), name };
}

/** A project with all that is kept of its files, as a run reads it and a zip holds it; and what a run calls them. */
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

/** Keeps what came out of a zip as a new project; the classifier in it as the result of a run. */
export async function keep(store: Store, { project, settings, weights }: Unpacked): Promise<ProjectRecord> {
  const classes = project.classes.map(newClass);
  const made = await store.createProject({ name: project.name, classes, keepAudio: true }, rowsOf(project));
  try {
    return await fill(store, made, { project, settings, weights });
  } catch (thrown) {
    // Half of it would look like all of it.
    await store.deleteProject(made.id);
    throw thrown;
  }
}

async function fill(store: Store, made: ProjectRecord, { project, settings, weights }: Unpacked): Promise<ProjectRecord> {
  for (const [index, { name, class: place, artist, seconds, features }] of project.files.entries()) {
    const classId = made.classes[place]?.id;
    if (!classId || !features) continue;
    // The bytes of the file did not come along: no other file has such a digest.
    const digest = `${made.id}-${index}`;
    await store.addExample({ projectId: made.id, classId, name, artist, seconds, nWindows: features.windows, digest }, features, null);
  }
  if (!settings) return made;
  await store.saveProject({ ...made, settings, modelRunId: weights && (await keepRun(store, made, settings, weights)) });
  return made;
}

/** Keeps a classifier as the result of a run, and gives the run's id. */
async function keepRun(store: Store, project: ProjectRecord, settings: TrainSettings, weights: Uint8Array): Promise<string> {
  const { files } = await contentOf(store, project, await store.examplesOf(project.id));
  const run = { ...newRun(project.id, settings, files, 'auto'), weights, status: 'done' as const, finishedAt: Date.now() };
  await store.saveRun(run);
  return run.id;
}

/** What a run calls the rows of a table: by their numbers. */
function filesOfRows({ labels }: LabelledRows): RunFile[] {
  const row = (label: number, index: number) => ({ id: String(index + 1), name: trainTexts.table.row(String(index + 1)), class: label });
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
