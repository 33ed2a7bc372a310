import Papa from 'papaparse';
import type { Engine } from 'tonearm';
import { texts } from '../page/texts.js';

/** Rows shown of one table; the rest are counted. */
export const MAX_SHOWN = 200;

/** Most rows that are classified of one table. */
const MAX_ROWS = 20_000;

/** One classified row. */
export interface EchoNestRow {
  /** What the table calls it: its track id, or its number. */
  name: string;
  /** The genre that the table gives; empty where it gives none. */
  genre: string;
  /** Genres with their probabilities, the likeliest first. */
  top: [string, number][];
}

/** A table that cannot be used; the message is a sentence. */
export class TableError extends Error {}

/** Classifies rows of numbers, in the order of the network's columns; of each, the likeliest genre first. */
export async function classifyRows(engine: Engine, rows: number[][]): Promise<[string, number][][]> {
  const answers = await engine.classifyRows(rows);
  return answers.map((answer) => Object.entries(answer).sort(([, a], [, b]) => b - a));
}

/**
 * Classifies the rows of a CSV.
 *
 * @throws {TableError} if it lacks a column, holds what is no number, or is empty or too long.
 */
export async function classifyCsv(engine: Engine, columns: string[], csv: string): Promise<EchoNestRow[]> {
  const { data, meta } = Papa.parse<Record<string, string>>(csv, { header: true, skipEmptyLines: 'greedy', transformHeader: (name) => name.trim().toLowerCase() });
  const missing = columns.filter((name) => !meta.fields?.includes(name));
  if (missing.length > 0) throw new TableError(texts.table.missing(missing.join(', ')));
  if (data.length === 0) throw new TableError(texts.table.empty);
  if (data.length > MAX_ROWS) throw new TableError(texts.table.tooLong(MAX_ROWS));

  const rows = data.map((cells, index) => columns.map((name) => numberIn(cells[name], name, index)));
  const answers = await classifyRows(engine, rows);
  return answers.map((top, index) => ({
    name: data[index]?.track_id?.trim() || String(index + 1),
    genre: longName(data[index]?.genre?.trim() ?? ''),
    top,
  }));
}

function numberIn(cell: string | undefined, column: string, index: number): number {
  const value = cell?.trim() ? Number(cell) : NaN;
  if (!Number.isFinite(value)) throw new TableError(texts.table.notNumber(index + 1, column, cell ?? ''));
  return value;
}

/** The study's table shortens its genres. */
function longName(genre: string): string {
  return texts.table.shortGenres[genre] ?? genre;
}
