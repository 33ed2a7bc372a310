import type { ExampleRecord, ProjectRecord } from '../store/records.js';
import { trainTexts } from '../texts.js';

/** How many times as many minutes or rows a class may have as another before it is said. */
const UNBALANCED = 4;

/** Why the classes and files cannot be trained on, as a sentence; null if they can. */
export function lackOf({ classes, table }: ProjectRecord, examples: ExampleRecord[]): string | null {
  const { obstacles } = trainTexts;
  if (classes.length < 2) return obstacles.classes;
  for (const [index, { id, name }] of classes.entries()) {
    if (name === '') return obstacles.unnamed;
    if (classes.slice(0, index).some((other) => other.name === name)) return obstacles.twice(name);
    const n = table ? (table.counts[index] ?? 0) : examples.filter(({ classId }) => classId === id).length;
    if (n < 2) return obstacles.files(name, n);
  }
  return null;
}

/** What is to be said of classes and files that can be trained on, but might be better. */
export function warningsOf({ classes, table }: ProjectRecord, examples: ExampleRecord[]): string[] {
  const secondsOf = (id: string) => examples.filter(({ classId }) => classId === id).reduce((sum, example) => sum + example.seconds, 0);
  const sizes = classes.map(({ id, name }, index) => ({ name, size: table ? (table.counts[index] ?? 0) : secondsOf(id) }));
  const [small, ...rest] = sizes.filter(({ size }) => size > 0).sort((a, b) => a.size - b.size);
  const large = rest.at(-1);
  if (!small || !large || large.size < UNBALANCED * small.size) return [];
  const told = table ? trainTexts.unbalancedRows : trainTexts.unbalanced;
  return [told(large.name, small.name, Math.round(large.size / small.size))];
}
