import { count, list } from 'tonearm/page';

/** Why a CSV cannot be classified on Listen or imported on Train. */
export const tableProblems = {
  empty: 'The table has no rows.',
  tooLong: (limit: number) => `The table has more than ${count(limit)} rows.`,
  missing: (names: string[]) => `The table lacks these columns: ${list(names)}.`,
  noLabel: (names: string[]) => `The table has no column of classes. Give that column one of these names: ${list(names)}.`,
  noNumbers: 'The table has no columns of numbers.',
  noClass: (row: number) => `Row ${count(row)} has no class.`,
  tooManyClasses: (column: string, n: number, limit: number) =>
    `The column ${column} has ${count(n)} different values, but a project can have at most ${count(limit)} classes.`,
  notNumber: (row: number, column: string, cell: string) => `Row ${count(row)}: ${column} is "${cell}", which is not a number.`,
};
