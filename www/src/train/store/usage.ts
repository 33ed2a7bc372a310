/** Storage that this site uses. A value is null if the browser does not report it. */
export interface StorageUsage {
  /** Used storage, in bytes. */
  usage: number | null;
  /** Available storage, in bytes. */
  quota: number | null;
  /** Whether the browser never evicts the data of this site. */
  persisted: boolean | null;
}

/** Returns the storage that this site uses. */
export async function storageUsage(): Promise<StorageUsage> {
  const estimate = await valueOrNull(() => navigator.storage.estimate());
  const persisted = await valueOrNull(() => navigator.storage.persisted());
  return { usage: estimate?.usage ?? null, quota: estimate?.quota ?? null, persisted };
}

/** Asks the browser never to evict the data of this site, and returns whether it agreed. */
export async function persist(): Promise<boolean> {
  return (await valueOrNull(() => navigator.storage.persist())) ?? false;
}

/** Returns null if the browser lacks the API or denies it, as in a sandboxed frame. */
async function valueOrNull<T>(request: () => Promise<T>): Promise<T | null> {
  try {
    return await request();
  } catch {
    return null;
  }
}
