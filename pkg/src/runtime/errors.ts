import { sentence, texts, troubles } from '../text/texts.js';
import { type ErrorCode, TonearmError } from '../types.js';

/** The error for a known trouble, in the catalogue's words; `what` names the file that it is about. */
export function trouble(code: ErrorCode, what?: string | URL): TonearmError {
  const { message, advice } = troubles[code];
  return new TonearmError(code, what === undefined ? message : texts.about(message, String(what)), advice);
}

/** The error for something that the core refused, in the core's own words. */
export function refusal(code: 'refused' | 'weights', message: string): TonearmError {
  return new TonearmError(code, sentence(message), troubles[code].advice);
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
