/** How much is kept, and how safely; null where the browser does not say. */
export interface Usage {
  /** Bytes. */
  usage: number | null;
  /** Bytes that the browser will keep at most. */
  quota: number | null;
  /** The browser deletes nothing of it to make room. */
  persisted: boolean | null;
}

/** How much the browser keeps for this site. */
export async function usage(): Promise<Usage> {
  const estimate = await asked(() => navigator.storage.estimate());
  const persisted = await asked(() => navigator.storage.persisted());
  return { usage: estimate?.usage ?? null, quota: estimate?.quota ?? null, persisted };
}

/** Asks the browser to delete nothing to make room; whether it agreed. */
export async function persist(): Promise<boolean> {
  return (await asked(() => navigator.storage.persist())) ?? false;
}

/** The answer; null where the browser lacks the question or refuses it, as in a sandboxed frame. */
async function asked<T>(question: () => Promise<T>): Promise<T | null> {
  try {
    return await question();
  } catch {
    return null;
  }
}
