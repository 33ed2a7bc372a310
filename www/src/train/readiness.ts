import type { ExampleRecord, ProjectRecord } from './records.js';
import { trainTexts } from './texts.js';

/** How many times as many minutes a class may have as another before it is said. */
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
export function warningsOf({ classes }: ProjectRecord, examples: ExampleRecord[]): string[] {
  const seconds = classes.map(({ id, name }) => ({
    name,
    seconds: examples.filter(({ classId }) => classId === id).reduce((sum, example) => sum + example.seconds, 0),
  }));
  const [small, ...rest] = seconds.filter((each) => each.seconds > 0).sort((a, b) => a.seconds - b.seconds);
  const large = rest.at(-1);
  if (!small || !large || large.seconds < UNBALANCED * small.seconds) return [];
  return [trainTexts.unbalanced(large.name, small.name, Math.round(large.seconds / small.seconds))];
}
