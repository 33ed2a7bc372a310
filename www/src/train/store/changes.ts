import type { ReadTransaction, WriteTransaction } from './database.js';
import type { ExampleRecord, ProjectRecord } from './records.js';
import { StoreError } from './store-error.js';

/** Changes that are applied together or not at all, such as the removal of a class with its examples. */
export interface Change {
  /** Project to save. Its `changedAt` is set to the current time. */
  project?: ProjectRecord;
  /** Examples to save. The audio of those with `hasAudio: false` is deleted. */
  examples?: ExampleRecord[];
  /** Ids of examples to remove. */
  remove?: string[];
  /** Ids of removed examples to restore. */
  restore?: string[];
}

/** Tables that {@link apply} accesses. */
export const CHANGE_TABLES = ['projects', 'examples', 'removed', 'audio'] as const;

/** Tables with data of an example, which {@link eraseExample} accesses. */
export const EXAMPLE_TABLES = ['examples', 'removed', 'features', 'audio'] as const;

/** Applies a change and returns the ids of the removed examples. */
export async function apply(tx: WriteTransaction<(typeof CHANGE_TABLES)[number]>, { project, examples = [], remove = [], restore = [] }: Change): Promise<string[]> {
  const removed = await move(tx, remove, 'examples', 'removed');
  const restored = await move(tx, restore, 'removed', 'examples');
  if (restored.length < restore.length) throw new StoreError('missing');
  const moved: ExampleRecord[] = [];
  for (const example of examples) if (await save(tx, example)) moved.push(example);
  if (project) await saveProject(tx, project);
  for (const example of [...restored, ...moved]) await requireClass(tx, example);

  const projectIds = new Set([...removed, ...restored, ...examples].map(({ projectId }) => projectId));
  if (project) projectIds.delete(project.id);
  for (const id of projectIds) await touch(tx, id);
  return removed.map(({ id }) => id);
}

/** Returns a project, or throws if it was deleted, because data saved for it now could never be found again. */
export async function requireProject(tx: ReadTransaction<'projects'>, projectId: string): Promise<ProjectRecord> {
  const project = await tx.get('projects', projectId);
  if (!project) throw new StoreError('missing');
  return project;
}

/** Throws unless the class of an example exists, because an example without a class would be shown nowhere. */
export async function requireClass(tx: ReadTransaction<'projects'>, { projectId, classId }: Pick<ExampleRecord, 'projectId' | 'classId'>) {
  const { classes } = await requireProject(tx, projectId);
  if (!classes.some(({ id }) => id === classId)) throw new StoreError('missing');
}

/** Sets `changedAt` of a project to the current time. */
export async function touch(tx: WriteTransaction<'projects'>, projectId: string) {
  await tx.put('projects', { ...(await requireProject(tx, projectId)), changedAt: Date.now() });
}

/** Deletes an example with its features and audio. */
export async function eraseExample(tx: WriteTransaction<(typeof EXAMPLE_TABLES)[number]>, exampleId: string) {
  for (const table of EXAMPLE_TABLES) await tx.delete(table, exampleId);
}

async function saveProject(tx: WriteTransaction<'projects'>, project: ProjectRecord) {
  await requireProject(tx, project.id);
  await tx.put('projects', { ...project, changedAt: Date.now() });
}

/** Saves an example and returns whether its class changed. */
async function save(tx: WriteTransaction<'examples' | 'audio'>, example: ExampleRecord): Promise<boolean> {
  const before = await tx.get('examples', example.id);
  if (!before) throw new StoreError('missing');
  await tx.put('examples', example);
  if (!example.hasAudio) await tx.delete('audio', example.id);
  return before.classId !== example.classId;
}

/** Moves examples from one table to another, ignores missing ones, and returns those that were moved. */
async function move(tx: WriteTransaction<'examples' | 'removed'>, ids: string[], from: 'examples' | 'removed', to: 'examples' | 'removed'): Promise<ExampleRecord[]> {
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
