import { type IDBPDatabase, openDB } from 'idb';
import { type Database, type Schema, type Table, type WriteTransaction, TABLES } from './database.js';
import { StoreError, hasName } from './store-error.js';
import { renameFields } from './upgrade.js';

const NAME = 'tonearm-train';

/**
 * Version of the schema. An upgrade must preserve every record of every earlier version, because users' projects
 * exist nowhere else.
 *
 * Version 1 has the tables projects, examples, features, audio and runs. Version 2 adds rows and, in later builds,
 * removed. Version 3 has all seven tables in every case. Version 4 renames fields of settings, epochs
 * and results.
 */
const VERSION = 4;

/** Tables with an index on `projectId`. */
const BY_PROJECT: readonly Table[] = ['examples', 'removed', 'runs'];

/** Opens the database in IndexedDB. Rejects if the browser has no IndexedDB or denies access to it. */
export async function indexedDatabase(): Promise<Database> {
  let isClosed = false;
  const database = await openDB<Schema>(NAME, VERSION, {
    upgrade: (database, oldVersion, _newVersion, transaction) => {
      addMissingTables(database);
      if (oldVersion > 0 && oldVersion < 4) void renameFields(transaction);
    },
    // An upgrade by a newer version of the page, or a deletion, waits until this connection closes.
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

/** Creates the tables that do not exist yet and leaves the others unchanged. */
function addMissingTables(database: IDBPDatabase<Schema>) {
  for (const table of TABLES) {
    if (database.objectStoreNames.contains(table)) continue;
    const store = (database as unknown as IDBPDatabase).createObjectStore(table, { keyPath: 'id' });
    if (BY_PROJECT.includes(table)) store.createIndex('project', 'projectId');
  }
}

/** Runs `work` in one transaction, and resolves when the transaction is complete. */
async function transact<N extends Table, T>(
  database: IDBPDatabase<Schema>,
  tables: readonly N[],
  mode: 'readonly' | 'readwrite',
  work: (tx: WriteTransaction<N>) => Promise<T>,
): Promise<T> {
  // The cast allows writes to any table; the type of `work` restricts it to its mode and its tables.
  const tx = database.transaction(tables as readonly Table[], mode as 'readwrite', { durability: 'strict' });
  const ended = tx.done.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  const operations: WriteTransaction<Table> = {
    get: (table, id) => tx.objectStore(table).get(id),
    all: (table) => tx.objectStore(table).getAll(),
    allOf: (table, projectId) => tx.objectStore(table).index('project').getAll(IDBKeyRange.only(projectId)),
    idsOf: (table, projectId) => tx.objectStore(table).index('project').getAllKeys(projectId),
    put: async (table, row) => void (await tx.objectStore(table).put(row)),
    delete: (table, id) => tx.objectStore(table).delete(id),
    clear: (table) => tx.objectStore(table).clear(),
  };
  try {
    const result = await work(operations as WriteTransaction<N>);
    await tx.done;
    return result;
  } catch (thrown) {
    try {
      tx.abort();
    } catch {
      // The transaction has already ended.
    }
    // If the transaction failed, `thrown` is only an AbortError; the actual reason is the transaction's error.
    const reason = await ended;
    throw hasName(thrown, 'AbortError') || hasName(reason, 'QuotaExceededError') ? (reason ?? thrown) : thrown;
  }
}
