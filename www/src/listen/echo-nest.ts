import Papa from 'papaparse';
import type { Engine } from 'tonearm';
import { texts } from '../texts/texts.js';

/** Genres that the study's table abbreviates. */
const ABBREVIATIONS: Record<string, string> = { R: 'Rock', E: 'Electronic' };

/** Largest number of rows that are shown. */
export const MAX_SHOWN = 200;

/** Largest number of rows that a table may have. */
const MAX_ROWS = 20_000;

/** One classified row. */
export interface EchoNestRow {
  /** The `track_id` column, or the row number if there is none. */
  name: string;
  /** The `genre` column, or empty if there is none. */
  genre: string;
  /** Genres with their probabilities, most likely first. */
  top: [string, number][];
}

/** Classifies rows whose values are in the order of the network's columns. Returns the genres of each row, most likely first. */
export async function classifyRows(engine: Engine, rows: number[][]): Promise<[string, number][][]> {
  const predictions = await engine.classifyRows(rows);
  return predictions.map((probabilities) => Object.entries(probabilities).sort(([, a], [, b]) => b - a));
}

/**
 * Classifies the rows of a CSV.
 *
 * @throws {Error} with a sentence for visitors if a column is missing, a value is not a number, or the table is empty or too long.
 */
export async function classifyCsv(engine: Engine, columns: string[], csv: string): Promise<EchoNestRow[]> {
  const { data, meta } = Papa.parse<Record<string, string>>(csv, { header: true, skipEmptyLines: 'greedy', transformHeader: (name) => name.trim().toLowerCase() });
  const missing = columns.filter((name) => !meta.fields?.includes(name));
  if (missing.length > 0) throw new Error(texts.tableProblems.missing(missing));
  if (data.length === 0) throw new Error(texts.tableProblems.empty);
  if (data.length > MAX_ROWS) throw new Error(texts.tableProblems.tooLong(MAX_ROWS));

  const rows = data.map((cells, index) => columns.map((name) => parseCell(cells[name], name, index)));
  const predictions = await classifyRows(engine, rows);
  return predictions.map((top, index) => ({
    name: data[index]?.track_id?.trim() || String(index + 1),
    genre: fullName(data[index]?.genre?.trim() ?? ''),
    top,
  }));
}

function parseCell(cell: string | undefined, column: string, index: number): number {
  const value = cell?.trim() ? Number(cell) : NaN;
  if (!Number.isFinite(value)) throw new Error(texts.tableProblems.notNumber(index + 1, column, cell ?? ''));
  return value;
}

/** Expands the abbreviated genres of the study's table. */
function fullName(genre: string): string {
  return ABBREVIATIONS[genre] ?? genre;
}
