import type { Backend, BackendChoice } from 'tonearm';
import type { FileFeatures, TrainEpoch, TrainResult, TrainSettings } from 'tonearm/project';

/** A class that people teach. */
export interface ProjectClass {
  id: string;
  name: string;
}

/** The rows of a table, with their classes. */
export interface LabelledRows {
  columns: string[];
  /** One row after the other. */
  values: Float32Array;
  /** Place of each row's class among the classes. */
  labels: Uint8Array;
  /** What each row is not to be parted from; null where the table does not say. */
  groups: (string | null)[] | null;
}

/** What is shown of a table: its rows are read only to be learnt. */
export interface TableFacts {
  columns: string[];
  /** Rows of each class, in the order of the classes. */
  counts: number[];
}

/** A project: its classes, and which run is its model. Times are in ms since 1970. */
export interface ProjectRecord {
  id: string;
  name: string;
  createdAt: number;
  /** Last change of the project or of its examples. */
  changedAt: number;
  classes: ProjectClass[];
  /** Keep the audio of new examples too. */
  keepAudio: boolean;
  settings?: TrainSettings;
  modelRunId: string | null;
  /** Of a project that has the rows of a table in place of files. */
  table?: TableFacts;
}

/** The rows of a project that is a table. */
export interface RowsRecord extends LabelledRows {
  /** Of the project. */
  id: string;
}

/** A song that is an example of a class. */
export interface ExampleRecord {
  id: string;
  projectId: string;
  classId: string;
  name: string;
  artist: string | null;
  seconds: number;
  nWindows: number;
  /** SHA-256 of the file's bytes, in hex. */
  digest: string;
  addedAt: number;
  hasAudio: boolean;
  /** Examples are listed in ascending order of it. */
  order: number;
}

/** An example as the page adds it; the store fills in the rest. */
export type NewExample = Omit<ExampleRecord, 'id' | 'addedAt' | 'hasAudio' | 'order'>;

/** What the networks read of an example. */
export interface FeaturesRecord extends FileFeatures {
  /** Of the example. */
  id: string;
}

/** The file of an example. Bytes and not a `Blob`: WebKit has lost blobs that were kept in IndexedDB. */
export interface AudioRecord {
  /** Of the example. */
  id: string;
  type: string;
  bytes: ArrayBuffer;
}

/** A file, or a row of a table, as a run saw it. */
export interface RunFile {
  /** Of the example, or the number of the row. */
  id: string;
  name: string;
  /** Place of its class among the classes. */
  class: number;
}

/** A training run. */
export interface RunRecord {
  id: string;
  projectId: string;
  startedAt: number;
  finishedAt: number | null;
  settings: TrainSettings;
  /** What was to train. */
  wanted: BackendChoice;
  /** What trains, or trained last. */
  backend: Backend;
  /** Why the CPU trains although the graphics card was to, as a sentence; null otherwise. */
  fallback: string | null;
  status: 'running' | 'paused' | 'done' | 'stopped' | 'failed';
  epochs: TrainEpoch[];
  /** The files as they were when it ran, in the order in which it saw them. */
  files: RunFile[];
  result: TrainResult | null;
  weights: Uint8Array | null;
  /** State after the last whole epoch, to go on from after a crash. */
  checkpoint: Uint8Array | null;
  /** What went wrong, as a sentence. */
  message: string | null;
}
