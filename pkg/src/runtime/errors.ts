import { errorTexts, sentence } from '../text/error-texts.js';
import { type ErrorCode, TonearmError } from '../types.js';

/** Codes of errors that concern a file, which the message names. */
type FileErrorCode = 'download' | 'download-stalled' | 'unreadable';

/** Creates the error with this code. `file` is the file that the message names. */
export function knownError(code: FileErrorCode, file: string | URL): TonearmError;
export function knownError(code: Exclude<ErrorCode, FileErrorCode>): TonearmError;
export function knownError(code: ErrorCode, file: string | URL = ''): TonearmError {
  const { message, advice } = errorTexts[code];
  return new TonearmError(code, message(String(file)), advice);
}

/** Creates an error with a message of the core, which is made a sentence. Default for `advice`: that of the code. */
export function coreError(code: 'refused' | 'weights', message: string, advice: string = errorTexts[code].advice): TonearmError {
  return new TonearmError(code, sentence(message), advice);
}

/** The message of any thrown value. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
