import { TonearmError } from 'tonearm';

/** The message of an error for the user, with advice if the error has some. */
export function errorMessage(thrown: unknown): string {
  if (thrown instanceof TonearmError) return `${thrown.message} ${thrown.advice}`;
  return thrown instanceof Error ? thrown.message : String(thrown);
}
