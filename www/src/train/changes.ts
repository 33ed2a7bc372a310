import type { Reading, Writing } from './database.js';
import type { AudioRecord, ExampleRecord, FeaturesRecord, ProjectRecord } from './records.js';
import { StoreError } from './store-error.js';

/** Examples that were removed, with all that is needed to put them back. */
export interface Removed {
  examples: ExampleRecord[];
  features: FeaturesRecord[];
  audio: AudioRecord[];
}

/** Changes that happen together or not at all, such as the removal of a class with its examples. */
export interface Change {
  /** Saved as it is, but for `changedAt`. */
  project?: ProjectRecord;
  /** Saved as they are; the audio of one that says it has none is deleted. */
  examples?: ExampleRecord[];
  /** Ids of examples to take out. */
  remove?: string[];
  /** Examples to put back. */
  restore?: Removed;
}

/** Applies a change, and returns the examples that were taken out. */
export async function apply(tx: Writing, { project, examples = [], remove = [], restore }: Change): Promise<Removed> {
  const removed: Removed = { examples: [], features: [], audio: [] };
  for (const id of remove) await takeOut(tx, id, removed);
  if (restore) await putBack(tx, restore);
  for (const example of examples) await save(tx, example);
  if (project) await saveProject(tx, project);

  const concerned = new Set([...removed.examples, ...(restore?.examples ?? []), ...examples].map(({ projectId }) => projectId));
  if (project) concerned.delete(project.id);
  for (const id of concerned) await touch(tx, id);
  return removed;
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
  for (const table of ['examples', 'features', 'audio'] as const) await tx.delete(table, exampleId);
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

/** Moves an example to `removed`; one that is gone already stays so. */
async function takeOut(tx: Writing, id: string, removed: Removed) {
  const example = await tx.get('examples', id);
  if (!example) return;
  const [features, audio] = [await tx.get('features', id), await tx.get('audio', id)];
  removed.examples.push(example);
  if (features) removed.features.push(features);
  if (audio) removed.audio.push(audio);
  await erase(tx, id);
}

async function putBack(tx: Writing, { examples, features, audio }: Removed) {
  for (const row of examples) await tx.put('examples', row);
  for (const row of features) await tx.put('features', row);
  for (const row of audio) await tx.put('audio', row);
}
