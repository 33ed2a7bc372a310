import { answering } from '../../shared/worker-reply.js';
import { type LabelledTable, TableError, readTable } from './table.js';

/** The table of a CSV, or why it cannot be used, as a sentence. */
export type TableAnswer = { table: LabelledTable } | { problem: string };

async function answer(csv: Blob): Promise<TableAnswer> {
  try {
    return { table: readTable(await csv.text()) };
  } catch (thrown) {
    if (thrown instanceof TableError) return { problem: thrown.message };
    throw thrown;
  }
}

answering(answer, (said) => ('table' in said ? [said.table.rows.values.buffer] : []));
