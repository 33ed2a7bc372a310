import Papa from 'papaparse';
import type { LabelledRows } from '../store/records.js';
import type { TableProblem } from './table-problem.js';

/** Maximum number of rows of a table. */
const MAX_ROWS = 50_000;

/** Maximum number of classes of a table. */
const MAX_CLASSES = 255;

/** Usual names of the column of classes, in order of preference. */
const LABEL_COLUMNS = ['label', 'class', 'genre', 'category', 'target', 'y'];

/** Names of the column of groups. Rows of one group stay on the same side of a split. */
const GROUP_COLUMNS = ['group', 'artist', 'artist_id', 'album'];

/** Names of numeric columns that identify a row and are not features. */
const ID_COLUMNS = /^(|id|index|row|.*_id)$/;

/** A table and the classes of its rows. */
export interface LabelledTable {
  classes: string[];
  rows: LabelledRows;
}

/** Thrown if a table cannot be used. */
export class TableError extends Error {
  constructor(readonly problem: TableProblem) {
    super(problem.join(', '));
  }
}

/**
 * Reads a CSV with a column of classes and columns of numbers.
 *
 * The column of classes has one of the usual names, or is the only column of text. Other columns of text, and
 * columns that identify rows, are ignored.
 *
 * @throws {TableError} if there is no column of classes, no column of numbers, or a cell that should be a number and is not.
 */
export function readTable(csv: string): LabelledTable {
  const { data, meta } = Papa.parse<Record<string, string>>(csv, {
    header: true,
    skipEmptyLines: 'greedy',
    transformHeader: (name) => name.trim(),
  });
  const fields = meta.fields ?? [];
  if (data.length === 0) throw new TableError(['empty']);
  if (data.length > MAX_ROWS) throw new TableError(['tooLong', MAX_ROWS]);

  const cell = (row: Record<string, string>, name: string) => row[name]?.trim() ?? '';
  // A mostly numeric column counts as numeric, so that a stray text in it is reported instead of ignored.
  const isText = (name: string) => data.filter((row) => !isNumber(cell(row, name))).length > data.length / 2;
  const columnNamed = (names: string[]) => names.flatMap((name) => fields.filter((field) => field.toLowerCase() === name))[0];
  const textColumns = fields.filter(isText);
  const label = columnNamed(LABEL_COLUMNS) ?? (textColumns.length === 1 ? textColumns[0] : undefined);
  if (label === undefined) throw new TableError(['noLabel', LABEL_COLUMNS]);
  const group = columnNamed(GROUP_COLUMNS.filter((name) => name !== label.toLowerCase()));
  const columns = fields.filter((name) => name !== label && name !== group && !isText(name) && !ID_COLUMNS.test(name.toLowerCase()));
  if (columns.length === 0) throw new TableError(['noNumbers']);

  const classes = [...new Set(data.map((row) => cell(row, label)))].sort();
  if (classes.includes('')) throw new TableError(['noClass', data.findIndex((row) => cell(row, label) === '') + 1]);
  if (classes.length > MAX_CLASSES) throw new TableError(['tooManyClasses', label, classes.length, MAX_CLASSES]);
  const values = new Float32Array(data.length * columns.length);
  for (const [index, row] of data.entries()) {
    for (const [column, name] of columns.entries()) {
      const text = cell(row, name);
      if (!isNumber(text)) throw new TableError(['notNumber', index + 1, name, text]);
      values[index * columns.length + column] = Number(text);
    }
  }
  const indices = new Map(classes.map((name, index) => [name, index]));
  const labels = Uint8Array.from(data, (row) => indices.get(cell(row, label)) ?? 0);
  const groups = group ? data.map((row) => cell(row, group) || null) : null;
  return { classes, rows: { columns, values, labels, groups } };
}

function isNumber(text: string): boolean {
  return text !== '' && Number.isFinite(Math.fround(Number(text)));
}
