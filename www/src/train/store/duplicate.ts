import { existing } from './changes.js';
import type { Writing } from './database.js';
import type { ProjectRecord } from './records.js';

/** Tables that {@link duplicate} uses. */
export const DUPLICATED = ['projects', 'rows', 'examples', 'features', 'audio', 'runs'] as const;

/** Copies a project with its examples and runs. A run that is under way is paused in the copy. */
export async function duplicate(tx: Writing<(typeof DUPLICATED)[number]>, id: string, name: string): Promise<ProjectRecord> {
  const original = await existing(tx, id);
  const newId = renamer();
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

/** Gives each id a new one, the same whenever asked: runs name examples, and some that have been removed since. */
function renamer(): (old: string) => string {
  const names = new Map<string, string>();
  return (old) => {
    const name = names.get(old) ?? crypto.randomUUID();
    names.set(old, name);
    return name;
  };
}
