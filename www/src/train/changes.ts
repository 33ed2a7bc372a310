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

/** Applies a change, and returns the ids of the examples that were taken out. */
export async function apply(tx: Writing, { project, examples = [], remove = [], restore = [] }: Change): Promise<string[]> {
  const removed = await move(tx, remove, 'examples', 'removed');
  const restored = await move(tx, restore, 'removed', 'examples');
  if (restored.length < restore.length) throw new StoreError('missing');
  for (const example of examples) await save(tx, example);
  if (project) await saveProject(tx, project);

  const concerned = new Set([...removed, ...restored, ...examples].map(({ projectId }) => projectId));
  if (project) concerned.delete(project.id);
  for (const id of concerned) await touch(tx, id);
  return removed.map(({ id }) => id);
}

/** The project, which must not have been deleted: what is saved of it now would never be found again. */
export async function existing(tx: Reading, projectId: string): Promise<ProjectRecord> {
  const project = await tx.get('projects', projectId);
  if (!project) throw new StoreError('missing');
  return project;
}

/** Notes that the project has changed now. */
export async function touch(tx: Writing, projectId: string) {
  await tx.put('projects', { ...(await existing(tx, projectId)), changedAt: Date.now() });
}

/** Deletes an example with all that belongs to it. */
export async function erase(tx: Writing, exampleId: string) {
  for (const table of ['examples', 'removed', 'features', 'audio'] as const) await tx.delete(table, exampleId);
}

async function saveProject(tx: Writing, project: ProjectRecord) {
  await existing(tx, project.id);
  await tx.put('projects', { ...project, changedAt: Date.now() });
}

async function save(tx: Writing, example: ExampleRecord) {
  if (!(await tx.get('examples', example.id))) throw new StoreError('missing');
  await tx.put('examples', example);
  if (!example.hasAudio) await tx.delete('audio', example.id);
}

/** Moves examples from one table to another; one that is gone already stays so. */
async function move(tx: Writing, ids: string[], from: 'examples' | 'removed', to: 'examples' | 'removed'): Promise<ExampleRecord[]> {
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
