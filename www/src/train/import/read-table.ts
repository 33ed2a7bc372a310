import { Stalled } from 'tonearm/page';
import { WorkerQueue } from '../../shared/worker-queue.js';
import address from './table-worker.ts?worker&url';
import type { TableReply } from './table-worker.js';
import { type LabelledTable, TableError } from './table.js';
import { texts } from '../../texts/texts.js';

/**
 * Reads a CSV file in a worker, so that a long one does not block the page.
 *
 * @throws {TableError} if the table cannot be used.
 */
export async function tableOf(csv: Blob): Promise<LabelledTable> {
  const reader = new WorkerQueue<Blob, TableReply>(address);
  try {
    const reply = await reader.ask(csv);
    if ('table' in reply) return reply.table;
    throw new TableError(reply.problem);
  } catch (thrown) {
    throw thrown instanceof TableError ? thrown : new TableError(thrown instanceof Stalled ? texts.train.stalled : texts.train.table.problems.unread);
  } finally {
    reader.end();
  }
}
