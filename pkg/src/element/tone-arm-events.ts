import type { Prediction, Stage, TonearmError } from '../types.js';

/** State of the element. */
export type ToneArmState = 'idle' | Stage | 'done' | 'failed';

/** Detail of `tonearm-progress`. */
export interface ToneArmProgress {
  /** The current state. */
  state: ToneArmState;
  /** Fraction of the analysis that is done, 0 to 1. */
  progress: number;
}

/** Events of the element, by type. */
export interface ToneArmEvents {
  /** Fires at each step. */
  'tonearm-progress': CustomEvent<ToneArmProgress>;
  /** Fires when an analysis ends, with the prediction. */
  'tonearm-prediction': CustomEvent<Prediction>;
  /** Fires on failure, with the error that the element shows. */
  'tonearm-error': CustomEvent<TonearmError>;
}

declare global {
  interface HTMLElementEventMap extends ToneArmEvents {}
  interface DocumentEventMap extends ToneArmEvents {}
  interface WindowEventMap extends ToneArmEvents {}
}
