import { errorTexts, sentence } from '../text/error-texts.js';
import { type CoreError, type ErrorCode, TonearmError } from '../types.js';

/** Codes of errors that concern a file, which the message names. */
type FileErrorCode = 'download' | 'download-stalled' | 'unreadable';

/** Creates the error with this code. `file` is the file that the message names. */
export function knownError(code: FileErrorCode, file: string | URL): TonearmError;
export function knownError(code: Exclude<ErrorCode, FileErrorCode>): TonearmError;
export function knownError(code: ErrorCode, file: string | URL = ''): TonearmError {
  const { message, advice } = errorTexts[code];
  return new TonearmError(code, message(String(file)), advice);
}

/** Creates an error from whatever the core threw. Its message is made a sentence. Default for `advice`: that of the code. */
export function coreError(code: 'refused' | 'weights', thrown: unknown, advice: string = errorTexts[code].advice): TonearmError {
  return new TonearmError(code, sentence(messageOf(thrown)), advice, coreOf(thrown));
}

/** Creates an error with a message and advice of its own. Default for `advice`: that of the code. */
export function refusal(code: 'refused' | 'weights', message: string, advice: string = errorTexts[code].advice): TonearmError {
  return new TonearmError(code, sentence(message), advice);
}

/** The code and the parameters that an error of the core has; null for any other value. */
export function coreOf(thrown: unknown): CoreError | null {
  if (!(thrown instanceof Error)) return null;
  if ('core' in thrown) return thrown.core as CoreError | null;
  const { code, parameters = {} } = thrown as { code?: unknown; parameters?: unknown };
  return typeof code === 'string' && typeof parameters === 'object' && parameters !== null ? { code, parameters: { ...parameters } } : null;
}

/** The message of any thrown value. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
