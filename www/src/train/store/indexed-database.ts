import { type IDBPDatabase, openDB } from 'idb';
import { type Database, type Schema, type Table, type Writing, TABLES } from './database.js';
import { StoreError, isNamed } from './store-error.js';

const NAME = 'tonearm-train';

/**
 * Raised when the schema changes. An upgrade keeps every record of every earlier version: people's
 * projects are nowhere else.
 *
 * 1: projects, examples, features, audio, runs. 2: rows, and in later builds removed. 3: all seven tables.
 */
const VERSION = 3;

/** Tables with an index of the project that a record belongs to. */
const BY_PROJECT: readonly Table[] = ['examples', 'removed', 'runs'];

/** Opens the database in IndexedDB. Rejects where the browser has none or refuses it. */
export async function indexedDatabase(): Promise<Database> {
  let isClosed = false;
  const database = await openDB<Schema>(NAME, VERSION, {
    upgrade: addMissingTables,
    // A newer version of the page, or the deletion of the database, waits until this connection closes.
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
    read: async (tables, work) => transact(open(), tables, 'readonly', work),
    write: async (tables, work) => transact(open(), tables, 'readwrite', work),
    close,
  };
}

/** Creates the tables that an earlier version lacks, and leaves the others as they are. */
function addMissingTables(database: IDBPDatabase<Schema>) {
  for (const table of TABLES) {
    if (database.objectStoreNames.contains(table)) continue;
    const store = (database as unknown as IDBPDatabase).createObjectStore(table, { keyPath: 'id' });
    if (BY_PROJECT.includes(table)) store.createIndex('project', 'projectId');
  }
}

/** Runs `work` in one transaction, and resolves when that is complete. */
async function transact<N extends Table, T>(
  database: IDBPDatabase<Schema>,
  tables: readonly N[],
  mode: 'readonly' | 'readwrite',
  work: (tx: Writing<N>) => Promise<T>,
): Promise<T> {
  // Typed for writing to any table; `work` is typed for its mode and its tables.
  const tx = database.transaction(tables as readonly Table[], mode as 'readwrite', { durability: 'strict' });
  const ended = tx.done.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  const operations: Writing<Table> = {
    get: (table, id) => tx.objectStore(table).get(id),
    all: (table) => tx.objectStore(table).getAll(),
    allOf: (table, projectId) => tx.objectStore(table).index('project').getAll(IDBKeyRange.only(projectId)),
    idsOf: (table, projectId) => tx.objectStore(table).index('project').getAllKeys(projectId),
    put: async (table, row) => void (await tx.objectStore(table).put(row)),
    delete: (table, id) => tx.objectStore(table).delete(id),
    clear: (table) => tx.objectStore(table).clear(),
  };
  try {
    const answer = await work(operations as Writing<N>);
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
