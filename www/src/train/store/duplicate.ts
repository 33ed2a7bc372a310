import { requireProject } from './changes.js';
import type { WriteTransaction } from './database.js';
import type { ProjectRecord } from './records.js';

/** Tables that {@link duplicate} accesses. */
export const DUPLICATE_TABLES = ['projects', 'rows', 'examples', 'features', 'audio', 'runs'] as const;

/** Copies a project with its examples and runs. A running run is paused in the copy. */
export async function duplicate(tx: WriteTransaction<(typeof DUPLICATE_TABLES)[number]>, id: string, name: string): Promise<ProjectRecord> {
  const original = await requireProject(tx, id);
  const newId = idMapper();
  const now = Date.now();
  const modelRunId = original.modelRunId && newId(original.modelRunId);
  const copy: ProjectRecord = { ...original, id: newId(id), name, createdAt: now, changedAt: now, modelRunId };
  await tx.put('projects', copy);

  const rows = await tx.get('rows', id);
  if (rows) await tx.put('rows', { ...rows, id: copy.id });
  for (const example of await tx.allOf('examples', id)) {
    await tx.put('examples', { ...example, id: newId(example.id), projectId: copy.id });
    const features = await tx.get('features', example.id);
    if (features) await tx.put('features', { ...features, id: newId(example.id) });
    const audio = await tx.get('audio', example.id);
    if (audio) await tx.put('audio', { ...audio, id: newId(example.id) });
  }
  for (const run of await tx.allOf('runs', id)) {
    const status = run.status === 'running' ? 'paused' : run.status;
    await tx.put('runs', { ...run, id: newId(run.id), projectId: copy.id, files: run.files.map((file) => ({ ...file, id: newId(file.id) })), status });
  }
  return copy;
}

/** Returns a function that maps each id to a new one, and equal ids to equal ones. Runs refer to examples, even removed ones, by id. */
function idMapper(): (oldId: string) => string {
  const newIds = new Map<string, string>();
  return (oldId) => {
    const newId = newIds.get(oldId) ?? crypto.randomUUID();
    newIds.set(oldId, newId);
    return newId;
  };
}
