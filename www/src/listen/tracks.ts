import type { ToneArmState } from 'tonearm/element';
import type { Prediction } from 'tonearm';

/** A song on the page, with what the list shows of it. */
export interface TrackEntry {
  readonly id: number;
  readonly file: File;
  state: ToneArmState;
  progress: number;
  prediction?: Prediction;
}

let nextId = 0;

/** Creates the entry of a song that was just added. */
export function newTrack(file: File): TrackEntry {
  return { id: nextId++, file, state: 'waiting', progress: 0 };
}
