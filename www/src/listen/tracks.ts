import type { ToneArmState } from 'tonearm/element';
import type { Prediction } from 'tonearm';

/** One song on the page, as the list shows it. */
export interface TrackEntry {
  readonly id: number;
  readonly file: File;
  state: ToneArmState;
  progress: number;
  prediction?: Prediction;
}

let nextId = 0;

/** A song that has just come in. */
export function newTrack(file: File): TrackEntry {
  return { id: nextId++, file, state: 'waiting', progress: 0 };
}
