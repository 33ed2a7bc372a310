import { replyWith } from '../../shared/worker-reply.js';
import { type LabelledTable, TableError, readTable } from './table.js';
import type { TableProblem } from './table-problem.js';

/** The table of a CSV file, or why it cannot be used. */
export type TableReply = { table: LabelledTable } | { problem: TableProblem };

async function tableOfCsv(csv: Blob): Promise<TableReply> {
  try {
    return { table: readTable(await csv.text()) };
  } catch (thrown) {
    if (thrown instanceof TableError) return { problem: thrown.problem };
    throw thrown;
  }
}

replyWith(tableOfCsv, (reply) => ('table' in reply ? [reply.table.rows.values.buffer] : []));
