import { texts } from './texts.js';
import type { Genre, Probabilities, Span } from '../types.js';

/** All genres, most probable first. */
export function ranked(probabilities: Probabilities): Genre[] {
  return Object.entries(probabilities)
    .map(([label, probability]) => ({ label, probability }))
    .sort((a, b) => b.probability - a.probability);
}

/** Number of genres that are listed for a moment. */
export const TOP_GENRES = 3;

/** Tolerance in seconds, since a player that seeks to the start of a moment may stop slightly before it. */
const SEEK_TOLERANCE = 0.01;

/** Index of the moment that contains a time; of the nearest one outside of the track. */
export function momentAt(moments: Span[], seconds: number): number {
  const index = moments.findIndex((moment) => seconds + SEEK_TOLERANCE < moment.end_seconds);
  return index < 0 ? moments.length - 1 : index;
}

/** The most probable genres of a moment, as text. */
export function momentText(moment: Span): string {
  if (!moment.probabilities) return texts.silentMoment;
  return texts.genres(ranked(moment.probabilities).slice(0, TOP_GENRES));
}
