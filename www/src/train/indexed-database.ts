import { type IDBPDatabase, openDB } from 'idb';
import { type Database, type Schema, type Writing, TABLES } from './database.js';
import { StoreError, isNamed } from './store-error.js';

const NAME = 'tonearm-train';
const VERSION = 2;

/** Opens the database in IndexedDB. Rejects where the browser has none or refuses it. */
export async function indexedDatabase(): Promise<Database> {
  let isClosed = false;
  const database = await openDB<Schema>(NAME, VERSION, {
    upgrade(created) {
      // The first version was never published, and its features do not say what computed them.
      for (const table of [...created.objectStoreNames]) created.deleteObjectStore(table);
      const keyPath = 'id';
      created.createObjectStore('projects', { keyPath });
      created.createObjectStore('examples', { keyPath }).createIndex('project', 'projectId');
      created.createObjectStore('removed', { keyPath }).createIndex('project', 'projectId');
      created.createObjectStore('features', { keyPath });
      created.createObjectStore('audio', { keyPath });
      created.createObjectStore('rows', { keyPath });
      created.createObjectStore('runs', { keyPath }).createIndex('project', 'projectId');
    },
    // A newer version of the page, or the deletion of the database, waits for this connection to go.
    blocking: () => close(),
    terminated: () => close(),
  });

  function close() {
    isClosed = true;
    database.close();
  }

  const open = () => {
    if (isClosed) throw new StoreError('closed');
    return database;
  };

  return {
    persistent: true,
    read: async (work) => transact(open(), 'readonly', work),
    write: async (work) => transact(open(), 'readwrite', work),
    close,
  };
}

/** Runs `work` in one transaction, and resolves when that is complete. */
async function transact<T>(
  database: IDBPDatabase<Schema>,
  mode: 'readonly' | 'readwrite',
  work: (tx: Writing) => Promise<T>,
): Promise<T> {
  // Typed for writing; a reader is given no more than `Reading`.
  const tx = database.transaction(TABLES, mode as 'readwrite', { durability: 'strict' });
  const ended = tx.done.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  const operations: Writing = {
    get: (table, id) => tx.objectStore(table).get(id),
    all: (table) => tx.objectStore(table).getAll(),
    allOf: (table, projectId) => tx.objectStore(table).index('project').getAll(IDBKeyRange.only(projectId)),
    idsOf: (table, projectId) => tx.objectStore(table).index('project').getAllKeys(projectId),
    put: async (table, row) => void (await tx.objectStore(table).put(row)),
    delete: (table, id) => tx.objectStore(table).delete(id),
    clear: (table) => tx.objectStore(table).clear(),
  };
  try {
    const answer = await work(operations);
    await tx.done;
    return answer;
  } catch (thrown) {
    try {
      tx.abort();
    } catch {
      // It is over already.
    }
    // When the transaction fails, what it was doing sees only that it was aborted; the reason is the transaction's.
    const reason = await ended;
    throw isNamed(thrown, 'AbortError') || isNamed(reason, 'QuotaExceededError') ? (reason ?? thrown) : thrown;
  }
}
