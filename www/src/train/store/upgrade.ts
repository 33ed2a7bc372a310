import type { IDBPTransaction } from 'idb';
import type { Schema, Table } from './database.js';

/** The fields whose content the core defines, by table. Records of versions 1 to 3 have old names in them. */
const CORE_FIELDS: Partial<Record<Table, string[]>> = { projects: ['settings'], runs: ['settings', 'epochs', 'result'] };

/** New names that are not just the old name in camelCase. */
const NEW_NAMES: Record<string, string> = { answers: 'predictions', best_epoch: 'keptEpoch', places: 'coordinates' };

/** Kinds of notes that have another name since version 4. */
const NEW_KINDS: Record<string, string> = { chosen: 'chosen-on-validation', restarted: 'optimizer-reset' };

/**
 * Gives the fields of settings, epochs and results the names that they have since version 4.
 *
 * Awaits only operations of the transaction, and aborts it if one of them fails, so that the database keeps its version.
 */
export async function renameFields(transaction: IDBPTransaction<Schema, Table[], 'versionchange'>): Promise<void> {
  // If the transaction fails, the request that opens the database reports it.
  transaction.done.catch(() => undefined);
  try {
    for (const [table, fields] of Object.entries(CORE_FIELDS)) {
      let cursor = await transaction.objectStore(table as Table).openCursor();
      while (cursor) {
        const record = cursor.value as unknown as Record<string, unknown>;
        for (const field of fields) if (field in record) record[field] = renamed(record[field]);
        await cursor.update(cursor.value);
        cursor = await cursor.continue();
      }
    }
  } catch {
    try {
      transaction.abort();
    } catch {
      // The failure has already aborted it.
    }
  }
}

/** Copies plain data with new names. Fields that already have their new name are left unchanged. */
function renamed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(renamed);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).map(([name, field]): [string, unknown] => {
    if (name === 'kind') return [name, NEW_KINDS[String(field)] ?? field];
    return [NEW_NAMES[name] ?? camelCase(name), renamed(field)];
  });
  return Object.fromEntries(fields);
}

function camelCase(name: string): string {
  return name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}
