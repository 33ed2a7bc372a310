/** The networks that take steps here and there. */
export type NetworkName = 'cnn' | 'head';

/** Rows of a step, and what takes it: the same here and there. */
export const BATCH = 16;
export const LEARNING_RATE = 1e-3;
export const WEIGHT_DECAY = 0.02;

/** Share of the features that the CNN drops before its last layer. */
export const DROPOUT = 0.3;

export const N_CLASSES = 4;

/** Rows that are learnt from, a whole number of batches. */
export const N_ROWS = 256;

/** Height and width of a row: a mel picture, or the embedding of one. */
export const ROWS: Record<NetworkName, [height: number, width: number]> = { cnn: [128, 128], head: [1, 256] };

/** Steps that were taken, and how long they took. */
export interface Round {
  steps: number;
  seconds: number;
}

export const BACKENDS = ['webgl', 'wasm', 'cpu'] as const;

/** A backend of TensorFlow.js. */
export type BackendName = (typeof BACKENDS)[number];
