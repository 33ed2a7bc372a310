import { texts } from '../../texts/texts.js';

/** Kind of storage failure. `missing` means that the project, class or example was deleted meanwhile. */
export type StoreErrorCode = keyof typeof texts.train.store;

/** A storage failure. The message is shown to the user and says what to do. */
export class StoreError extends Error {
  override readonly name = 'StoreError';

  constructor(
    readonly code: StoreErrorCode,
    cause?: unknown,
  ) {
    super(texts.train.store[code], { cause });
  }
}

/** Whether a thrown value is an error with this name. The class of such errors differs between browsers. */
export function hasName(thrown: unknown, name: string): boolean {
  return thrown instanceof Error && thrown.name === name;
}

/** Converts anything that the storage threw to a `StoreError`. */
export function storeError(thrown: unknown): StoreError {
  if (thrown instanceof StoreError) return thrown;
  return new StoreError(hasName(thrown, 'QuotaExceededError') ? 'quota' : 'failed', thrown);
}
