import { texts } from './texts.js';
import type { Genre, Probabilities, Span } from '../types.js';

/** All genres, likeliest first. */
export function ranked(probabilities: Probabilities): Genre[] {
  return Object.entries(probabilities)
    .map(([label, probability]) => ({ label, probability }))
    .sort((a, b) => b.probability - a.probability);
}

/** Genres of a moment that are named. */
export const NAMED = 3;

/** Told to go to the start of a moment, a player may stop so many seconds before it. */
const PLAYER_ERROR = 0.01;

/** The moment that holds a time; the nearest one at the ends of the track. */
export function momentAt(moments: Span[], seconds: number): number {
  const index = moments.findIndex((moment) => seconds + PLAYER_ERROR < moment.end_seconds);
  return index < 0 ? moments.length - 1 : index;
}

/** A moment's answer in words: its likeliest genres. */
export function momentText(moment: Span): string {
  if (!moment.probabilities) return texts.silentMoment;
  return ranked(moment.probabilities)
    .slice(0, NAMED)
    .map(({ label, probability }) => texts.genre(label, probability))
    .join(', ');
}
