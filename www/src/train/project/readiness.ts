import type { ExampleRecord, ProjectRecord } from '../store/records.js';
import { texts } from '../../texts/texts.js';

/** Ratio between the largest and the smallest class from which a warning is shown. */
const IMBALANCE_RATIO = 4;

/** Why a project cannot be trained yet, as a message for the user, or null if it can. */
export function obstacleIn({ classes, table }: ProjectRecord, examples: ExampleRecord[]): string | null {
  const { obstacles } = texts.train;
  if (classes.length < 2) return obstacles.classes;
  for (const [index, { id, name }] of classes.entries()) {
    if (name === '') return obstacles.unnamed;
    if (classes.slice(0, index).some((other) => other.name === name)) return obstacles.duplicateName(name);
    const n = table ? (table.counts[index] ?? 0) : examples.filter(({ classId }) => classId === id).length;
    if (n < 2) return n === 0 ? obstacles.noFiles(name) : obstacles.oneFile(name);
  }
  return null;
}

/** Warnings about classes of very different sizes, as messages for the user. */
export function imbalanceWarnings({ classes, table }: ProjectRecord, examples: ExampleRecord[]): string[] {
  const secondsOf = (id: string) => examples.filter(({ classId }) => classId === id).reduce((sum, example) => sum + example.seconds, 0);
  const sizes = classes.map(({ id, name }, index) => ({ name, size: table ? (table.counts[index] ?? 0) : secondsOf(id) }));
  const [small, ...rest] = sizes.filter(({ size }) => size > 0).sort((a, b) => a.size - b.size);
  const large = rest.at(-1);
  if (!small || !large || large.size < IMBALANCE_RATIO * small.size) return [];
  const warning = table ? texts.train.imbalanceOfRows : texts.train.imbalance;
  return [warning(large.name, small.name, Math.round(large.size / small.size))];
}
