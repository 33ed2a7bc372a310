import { texts } from './texts.js';
import type { Genre, Probabilities, Span } from '../types.js';

/** All genres, most probable first. */
export function ranked(probabilities: Probabilities): Genre[] {
  return Object.entries(probabilities)
    .map(([label, probability]) => ({ label, probability }))
    .sort((a, b) => b.probability - a.probability);
}

/** Number of genres that are listed for a step. */
export const TOP_GENRES = 3;

/** Tolerance in seconds, since a player that seeks to the start of a step may stop slightly before it. */
const SEEK_TOLERANCE = 0.01;

/** Index of the step that contains a time; of the nearest one outside of the track. */
export function stepAt(steps: Span[], seconds: number): number {
  const index = steps.findIndex((step) => seconds + SEEK_TOLERANCE < step.endSeconds);
  return index < 0 ? steps.length - 1 : index;
}

/** The most probable genres of a step, as text. */
export function stepText(step: Span): string {
  if (!step.probabilities) return texts.silentMoment;
  return texts.genres(ranked(step.probabilities).slice(0, TOP_GENRES));
}
