import type { DBSchema, StoreNames, StoreValue } from 'idb';
import type { AudioRecord, ExampleRecord, FeaturesRecord, ProjectRecord, RowsRecord, RunRecord } from './records.js';

/** What is kept, by table. Every record has its key in `id`. */
export interface Schema extends DBSchema {
  projects: { key: string; value: ProjectRecord };
  examples: { key: string; value: ExampleRecord; indexes: { project: string } };
  /** Examples that were taken out and can be put back: what belongs to them stays where it is. */
  removed: { key: string; value: ExampleRecord; indexes: { project: string } };
  features: { key: string; value: FeaturesRecord };
  audio: { key: string; value: AudioRecord };
  rows: { key: string; value: RowsRecord };
  runs: { key: string; value: RunRecord; indexes: { project: string } };
}

export type Table = StoreNames<Schema>;

/** Tables whose records say to which project they belong. */
export type ProjectTable = 'examples' | 'removed' | 'runs';

export type Row<T extends Table> = StoreValue<Schema, T>;

export const TABLES: readonly Table[] = ['projects', 'examples', 'removed', 'features', 'audio', 'rows', 'runs'];

/** Reads of one moment. Records are copies: changing one changes nothing that is kept. */
export interface Reading {
  get<T extends Table>(table: T, id: string): Promise<Row<T> | undefined>;
  all<T extends Table>(table: T): Promise<Row<T>[]>;
  allOf<T extends ProjectTable>(table: T, projectId: string): Promise<Row<T>[]>;
  idsOf(table: ProjectTable, projectId: string): Promise<string[]>;
}

/** Reads and writes that happen together or not at all. */
export interface Writing extends Reading {
  put<T extends Table>(table: T, row: Row<T>): Promise<void>;
  delete(table: Table, id: string): Promise<void>;
  clear(table: Table): Promise<void>;
}

/**
 * Where the tables are kept: IndexedDB, or memory where there is none.
 *
 * `work` must wait for nothing but the given operations, or IndexedDB ends the transaction.
 * If it throws, nothing of it is kept.
 */
export interface Database {
  /** It outlives the page. */
  readonly persistent: boolean;
  read<T>(work: (tx: Reading) => Promise<T>): Promise<T>;
  /** Resolves when what was written is safe. */
  write<T>(work: (tx: Writing) => Promise<T>): Promise<T>;
  /** After it, every call is refused. */
  close(): void;
}
