import Papa from 'papaparse';
import type { LabelledRows } from '../store/records.js';
import { trainTexts } from '../texts.js';

/** Most rows of a table. */
const MAX_ROWS = 50_000;

/** Most classes of a table. */
const MAX_CLASSES = 255;

/** Names by which a column of classes goes, the likeliest first. */
const LABELS = ['label', 'class', 'genre', 'category', 'target', 'y'];

/** Names by which a column goes whose rows of one value are not to be parted. */
const GROUPS = ['group', 'artist', 'artist_id', 'album'];

/** Columns of numbers that name a row and say nothing of it. */
const IDS = /^(|id|index|row|.*_id)$/;

/** A table and the classes of its rows. */
export interface LabelledTable {
  classes: string[];
  rows: LabelledRows;
}

/** A table that cannot be used; the message is a sentence. */
export class TableError extends Error {}

/**
 * Reads a CSV with a column of classes and columns of numbers.
 *
 * The classes are in a column of a usual name, or in the only one that is not of numbers. Columns of
 * other text, and those that number the rows, are left out.
 *
 * @throws {TableError} if there is no such column, none of numbers, or a cell that is no number.
 */
export function readTable(csv: string): LabelledTable {
  const { data, meta } = Papa.parse<Record<string, string>>(csv, {
    header: true,
    skipEmptyLines: 'greedy',
    transformHeader: (name) => name.trim(),
  });
  const { problems } = trainTexts.table;
  const fields = meta.fields ?? [];
  if (data.length === 0) throw new TableError(problems.empty);
  if (data.length > MAX_ROWS) throw new TableError(problems.tooLong(MAX_ROWS));

  const cell = (row: Record<string, string>, name: string) => row[name]?.trim() ?? '';
  // A column with one cell that is no number is meant as one of numbers; the cell is complained of.
  const isText = (name: string) => data.filter((row) => !isNumber(cell(row, name))).length > data.length / 2;
  const named = (names: string[]) => names.flatMap((name) => fields.filter((field) => field.toLowerCase() === name))[0];
  const texts = fields.filter(isText);
  const label = named(LABELS) ?? (texts.length === 1 ? texts[0] : undefined);
  if (label === undefined) throw new TableError(problems.noLabel(LABELS.join(', ')));
  const group = named(GROUPS.filter((name) => name !== label.toLowerCase()));
  const columns = fields.filter((name) => name !== label && name !== group && !isText(name) && !IDS.test(name.toLowerCase()));
  if (columns.length === 0) throw new TableError(problems.noNumbers);

  const classes = [...new Set(data.map((row) => cell(row, label)))].sort();
  if (classes.includes('')) throw new TableError(problems.noClass(data.findIndex((row) => cell(row, label) === '') + 1));
  if (classes.length > MAX_CLASSES) throw new TableError(problems.tooManyClasses(label, classes.length));
  const values = new Float32Array(data.length * columns.length);
  for (const [index, row] of data.entries()) {
    for (const [column, name] of columns.entries()) {
      const text = cell(row, name);
      if (!isNumber(text)) throw new TableError(problems.notNumber(index + 1, name, text));
      values[index * columns.length + column] = Number(text);
    }
  }
  const places = new Map(classes.map((name, index) => [name, index]));
  const labels = Uint8Array.from(data, (row) => places.get(cell(row, label)) ?? 0);
  const groups = group ? data.map((row) => cell(row, group) || null) : null;
  return { classes, rows: { columns, values, labels, groups } };
}

function isNumber(text: string): boolean {
  return text !== '' && Number.isFinite(Math.fround(Number(text)));
}
