import type { Reading, Writing } from './database.js';
import type { ExampleRecord, ProjectRecord } from './records.js';
import { StoreError } from './store-error.js';

/** Changes that happen together or not at all, such as the removal of a class with its examples. */
export interface Change {
  /** Saved as it is, but for `changedAt`. */
  project?: ProjectRecord;
  /** Saved as they are; the audio of one that says it has none is deleted. */
  examples?: ExampleRecord[];
  /** Ids of examples to take out. */
  remove?: string[];
  /** Ids of examples that were taken out, to be put back. */
  restore?: string[];
}

/** Tables that {@link apply} uses. */
export const CHANGED = ['projects', 'examples', 'removed', 'audio'] as const;

/** Tables with the parts of an example, which {@link erase} uses. */
export const PARTS = ['examples', 'removed', 'features', 'audio'] as const;

type Changed = (typeof CHANGED)[number];

/** Applies a change, and returns the ids of the examples that were taken out. */
export async function apply(tx: Writing<Changed>, { project, examples = [], remove = [], restore = [] }: Change): Promise<string[]> {
  const removed = await move(tx, remove, 'examples', 'removed');
  const restored = await move(tx, restore, 'removed', 'examples');
  if (restored.length < restore.length) throw new StoreError('missing');
  const moved: ExampleRecord[] = [];
  for (const example of examples) if (await save(tx, example)) moved.push(example);
  if (project) await saveProject(tx, project);
  for (const example of [...restored, ...moved]) await requireClass(tx, example);

  const concerned = new Set([...removed, ...restored, ...examples].map(({ projectId }) => projectId));
  if (project) concerned.delete(project.id);
  for (const id of concerned) await touch(tx, id);
  return removed.map(({ id }) => id);
}

/** The project, which must not have been deleted: what is saved of it now would never be found again. */
export async function existing(tx: Reading<'projects'>, projectId: string): Promise<ProjectRecord> {
  const project = await tx.get('projects', projectId);
  if (!project) throw new StoreError('missing');
  return project;
}

/** Throws unless the class of an example exists: an example without one would be shown nowhere. */
export async function requireClass(tx: Reading<'projects'>, { projectId, classId }: Pick<ExampleRecord, 'projectId' | 'classId'>) {
  const { classes } = await existing(tx, projectId);
  if (!classes.some(({ id }) => id === classId)) throw new StoreError('missing');
}

/** Notes that the project has changed now. */
export async function touch(tx: Writing<'projects'>, projectId: string) {
  await tx.put('projects', { ...(await existing(tx, projectId)), changedAt: Date.now() });
}

/** Deletes an example with all that belongs to it. */
export async function erase(tx: Writing<(typeof PARTS)[number]>, exampleId: string) {
  for (const table of PARTS) await tx.delete(table, exampleId);
}

async function saveProject(tx: Writing<'projects'>, project: ProjectRecord) {
  await existing(tx, project.id);
  await tx.put('projects', { ...project, changedAt: Date.now() });
}

/** Saves an example, and returns whether that moves it to another class. */
async function save(tx: Writing<'examples' | 'audio'>, example: ExampleRecord): Promise<boolean> {
  const before = await tx.get('examples', example.id);
  if (!before) throw new StoreError('missing');
  await tx.put('examples', example);
  if (!example.hasAudio) await tx.delete('audio', example.id);
  return before.classId !== example.classId;
}

/** Moves examples from one table to another; one that is gone already stays so. */
async function move(tx: Writing<'examples' | 'removed'>, ids: string[], from: 'examples' | 'removed', to: 'examples' | 'removed'): Promise<ExampleRecord[]> {
  const moved: ExampleRecord[] = [];
  for (const id of ids) {
    const example = await tx.get(from, id);
    if (!example) continue;
    await tx.delete(from, id);
    await tx.put(to, example);
    moved.push(example);
  }
  return moved;
}
