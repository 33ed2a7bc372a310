import type { ExampleRecord, ProjectRecord, RunRecord } from '../store/records.js';

/** How a project differs from what a run was trained on. */
export interface ChangesSince {
  /** Numbers of files. A file is moved if it is now in another of the run's classes. */
  added: number;
  removed: number;
  moved: number;
  /** Whether classes were added, removed or renamed. Their order does not matter. */
  classes: boolean;
}

/** What changed in a project since a run, or undefined if nothing did. The rows of a table cannot change. */
export function changesSince({ files, result }: RunRecord, project: ProjectRecord, examples: ExampleRecord[]): ChangesSince | undefined {
  if (!result || project.table) return undefined;
  const labels = result.metrics.perClass.map(({ label }) => label);
  const nameOf = new Map(project.classes.map(({ id, name }) => [id, name]));
  const now = new Map(examples.map(({ id, classId }) => [id, nameOf.get(classId)]));
  const kept = files.filter(({ id }) => now.has(id));
  const isMoved = (name: string | undefined, label: string | undefined) => name !== label && labels.includes(name ?? '') && [...nameOf.values()].includes(label ?? '');
  const changes = {
    added: examples.length - kept.length,
    removed: files.length - kept.length,
    moved: kept.filter((file) => isMoved(now.get(file.id), labels[file.class])).length,
    classes: JSON.stringify([...labels].sort()) !== JSON.stringify([...nameOf.values()].sort()),
  };
  return Object.values(changes).some(Boolean) ? changes : undefined;
}
