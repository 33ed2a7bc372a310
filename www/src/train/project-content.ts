import type { Studio } from 'tonearm';
import type { ProjectContent } from 'tonearm/project';
import type { ExampleRecord, ProjectClass, ProjectRecord, TableRecord } from './records.js';
import type { Store } from './store.js';
import { newRun } from './training.js';

/** A class that is new in its project. */
export function newClass(name: string): ProjectClass {
  return { id: crypto.randomUUID(), name };
}

/** A project with all that is kept of its files, as a run reads it and a zip holds it. */
export async function contentOf(store: Store, project: ProjectRecord, examples: ExampleRecord[]): Promise<ProjectContent> {
  const classes = project.classes.map(({ name }) => name);
  if (project.table) return { name: project.name, classes, ...rowsOf(project.table) };
  const files: ProjectContent['files'] = [];
  for (const { id, classId, name, artist, seconds } of examples) {
    const features = await store.features(id);
    const index = project.classes.findIndex((each) => each.id === classId);
    if (features && index >= 0) files.push({ name, class: index, artist, seconds, features });
  }
  return { name: project.name, classes, files, table: null };
}

/** Keeps what came out of a zip as a new project; the classifier in it as the result of a run. */
export async function keep(store: Store, { project, settings, weights }: Awaited<ReturnType<Studio['unpack']>>): Promise<ProjectRecord> {
  const classes = project.classes.map(newClass);
  const table = tableOf(project);
  const made = await store.createProject({ name: project.name, classes, keepAudio: true, ...(table && { table }) });
  for (const [index, { name, class: place, artist, seconds, features }] of project.files.entries()) {
    const classId = classes[place]?.id;
    if (!classId || !features) continue;
    // The bytes of the file did not come along: no other file has such a digest.
    const digest = `${made.id}-${index}`;
    await store.addExample({ projectId: made.id, classId, name, artist, seconds, nWindows: features.windows, digest }, features, null);
  }
  if (weights && settings) {
    const ids = table ? rowIds(table) : (await store.examplesOf(made.id)).map(({ id }) => id);
    const run = { ...newRun(made.id, settings, ids), weights, status: 'done' as const, finishedAt: Date.now() };
    await store.saveRun(run);
    await store.saveProject({ ...made, settings, modelRunId: run.id });
  }
  return made;
}

/** What a run calls the rows of a table: their numbers. */
export function rowIds({ labels }: TableRecord): string[] {
  return Array.from(labels, (_, index) => String(index + 1));
}

function rowsOf(table: TableRecord): Pick<ProjectContent, 'files' | 'table'> {
  const { columns, values, labels, groups } = table;
  const ids = rowIds(table);
  const files = Array.from(labels, (label, index) => ({
    name: ids[index] ?? '', class: label, artist: groups?.[index] ?? null, seconds: 0, features: null,
  }));
  return { files, table: { columns, values } };
}

function tableOf({ files, table }: ProjectContent): TableRecord | undefined {
  if (!table) return undefined;
  const groups = files.some(({ artist }) => artist !== null) ? files.map(({ artist }) => artist) : null;
  return { ...table, labels: Uint8Array.from(files, (file) => file.class), groups };
}
