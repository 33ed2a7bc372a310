import { Stalled } from 'tonearm/page';
import { WorkerQueue } from '../../shared/worker-queue.js';
import address from './table-worker.ts?worker&url';
import type { TableReply } from './table-worker.js';
import type { LabelledTable } from './table.js';
import { problemText } from './table-problem.js';
import { texts } from '../../texts/texts.js';

/**
 * Reads a CSV file in a worker, so that a long one does not block the page.
 *
 * @throws an error with a message for the user if the table cannot be used.
 */
export async function tableOf(csv: Blob): Promise<LabelledTable> {
  const reader = new WorkerQueue<Blob, TableReply>(address);
  const failed = (thrown: unknown) => {
    throw new Error(thrown instanceof Stalled ? texts.train.stalled : texts.train.table.unread);
  };
  const reply = await reader.ask(csv).catch(failed).finally(() => reader.end());
  if ('table' in reply) return reply.table;
  throw new Error(problemText(reply.problem));
}
