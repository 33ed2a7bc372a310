import { trainTexts } from '../texts.js';

/** What can go wrong with storage. `missing`: the project or example was deleted meanwhile. */
export type StoreErrorCode = keyof typeof trainTexts.store;

/** A failure of storage. The message is fit to be shown, and says what to do. */
export class StoreError extends Error {
  override readonly name = 'StoreError';

  constructor(
    readonly code: StoreErrorCode,
    cause?: unknown,
  ) {
    super(trainTexts.store[code], { cause });
  }
}

/** True for the browser's error of that name; the class of such errors differs between browsers. */
export function isNamed(thrown: unknown, name: string): boolean {
  return thrown instanceof Error && thrown.name === name;
}

/** The error for anything that storage threw. */
export function storeError(thrown: unknown): StoreError {
  if (thrown instanceof StoreError) return thrown;
  return new StoreError(isNamed(thrown, 'QuotaExceededError') ? 'quota' : 'failed', thrown);
}
