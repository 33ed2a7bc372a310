/** Networks that both libraries train. */
export type NetworkName = 'cnn' | 'head';

/** Batch size and optimiser settings, the same for both libraries. */
export const BATCH = 16;
export const LEARNING_RATE = 1e-3;
export const WEIGHT_DECAY = 0.02;

/** Dropout before the last layer of the CNN. */
export const DROPOUT = 0.3;

export const N_CLASSES = 4;

/** Number of training rows, a multiple of the batch size. */
export const N_ROWS = 256;

/** Height and width of a row: a log-mel patch, or its embedding. */
export const ROWS: Record<NetworkName, [height: number, width: number]> = { cnn: [128, 128], head: [1, 256] };

/** Number of steps in a round, and its duration. */
export interface Round {
  steps: number;
  seconds: number;
}

export const BACKENDS = ['webgl', 'wasm', 'cpu'] as const;

/** A backend of TensorFlow.js. */
export type BackendName = (typeof BACKENDS)[number];
