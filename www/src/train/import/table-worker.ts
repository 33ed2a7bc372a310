import { replyWith } from '../../shared/worker-reply.js';
import { type LabelledTable, TableError, readTable } from './table.js';

/** The table of a CSV file, or why it cannot be used, as a message for the user. */
export type TableAnswer = { table: LabelledTable } | { problem: string };

async function answer(csv: Blob): Promise<TableAnswer> {
  try {
    return { table: readTable(await csv.text()) };
  } catch (thrown) {
    if (thrown instanceof TableError) return { problem: thrown.message };
    throw thrown;
  }
}

replyWith(answer, (reply) => ('table' in reply ? [reply.table.rows.values.buffer] : []));
