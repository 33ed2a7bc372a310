import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { type Database, TABLES } from '../../../www/src/train/store/database.js';
import type { NewExample, RunRecord } from '../../../www/src/train/store/records.js';
import type { Store } from '../../../www/src/train/store/store.js';

/** Replaces IndexedDB in this process with an empty one. */
export function freshIndexedDb() {
  Object.defineProperty(globalThis, 'indexedDB', { configurable: true, value: new IDBFactory() });
}

/** Makes every access to IndexedDB throw, as in a sandboxed iframe. */
export function refuseIndexedDb() {
  const get = () => {
    throw new DOMException('The operation is insecure.', 'SecurityError');
  };
  Object.defineProperty(globalThis, 'indexedDB', { configurable: true, get });
}

/** All stored rows by table, sorted by id. */
export async function contents(database: Database): Promise<Record<string, { id: string }[]>> {
  return database.read(TABLES, async (tx) => {
    const found: Record<string, { id: string }[]> = {};
    for (const table of TABLES) {
      const rows = await tx.all(table);
      // Converts bytes to arrays, which `toEqual` compares by value.
      found[table] = rows
        .map((row) => ('bytes' in row ? { ...row, bytes: [...new Uint8Array(row.bytes)] } : row))
        .sort((a, b) => (a.id < b.id ? -1 : 1));
    }
    return found;
  });
}

export const NOTHING = { projects: [], examples: [], removed: [], features: [], audio: [], rows: [], runs: [] };

export const features = (seed: number) => ({
  mel: Uint8Array.from([seed, 1, 2, 255]),
  mfcc: Uint8Array.from([seed, 60, 0, 128]),
  windows: 1,
  fingerprint: 'extractor 1',
});

export const song = (...bytes: number[]) => new Blob([Uint8Array.from(bytes)], { type: 'audio/flac' });

export const newExample = (projectId: string, name: string, classId = 'a'): NewExample => ({
  projectId,
  classId,
  name,
  artist: null,
  seconds: 30,
  nWindows: 5,
  digest: '00ff'.repeat(16),
});

export const newRun = (projectId: string, files: string[]): RunRecord => ({
  id: crypto.randomUUID(),
  projectId,
  startedAt: 1_700_000_000_000,
  finishedAt: null,
  settings: {
    recipe: 'transfer',
    epochs: 30,
    batch: 32,
    learningRate: 0.001,
    optimizer: 'adamw',
    dropout: 0,
    augment: false,
    weightDecay: 0.01,
    validation: 0.2,
    folds: 0,
    patience: 5,
    seed: 1,
  },
  wanted: 'auto',
  backend: 'cpu',
  fallback: null,
  status: 'running',
  epochs: [],
  files: files.map((id) => ({ id, name: `${id}.mp3`, class: 0 })),
  result: null,
  weights: Uint8Array.from([1, 2, 3]),
  checkpoint: Uint8Array.from([4, 5, 6]),
});

/** Creates a project with two classes and three examples, one of them with its audio, and a run that is the project's model. */
export async function newProject(store: Store, name = 'Crate') {
  const classes = [
    { id: 'a', name: 'Dub' },
    { id: 'b', name: 'Polka' },
  ];
  const project = await store.createProject({ name, classes, keepAudio: true });
  const examples = [
    await store.addExample(newExample(project.id, 'one.flac'), features(1), song(7, 8, 9)),
    await store.addExample(newExample(project.id, 'two.mp3'), features(2), null),
    await store.addExample(newExample(project.id, 'three.mp3', 'b'), features(3), null),
  ] as const;
  const run = newRun(project.id, examples.map(({ id }) => id));
  await store.saveRun(run);
  await store.saveProject({ ...project, modelRunId: run.id });
  return { project: { ...project, modelRunId: run.id }, examples, run };
}
