/** A lock on a project, held by this tab. */
export interface ProjectLock {
  release(): void;
}

/**
 * Locks a project for this tab until the lock is released or the tab is closed. Returns null if another tab holds the
 * lock. If the browser has no locks or denies them, the project counts as locked by this tab, so that it stays usable.
 */
export async function lockProject(id: string): Promise<ProjectLock | null> {
  try {
    return await new Promise((resolve, reject) => {
      const onLock = (lock: Lock | null) => {
        if (lock === null) return resolve(null);
        // The browser holds the lock until this promise settles.
        return new Promise<void>((release) => resolve({ release }));
      };
      navigator.locks.request(`tonearm-project-${id}`, { ifAvailable: true }, onLock).catch(reject);
    });
  } catch {
    return { release: () => undefined };
  }
}
