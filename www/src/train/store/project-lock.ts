/** A project that this tab holds. */
export interface ProjectLock {
  release(): void;
}

/**
 * Holds a project for this tab until released or the tab is closed; null if another tab holds it.
 * Where the browser has no locks, or refuses them, it counts as held: better two tabs than none.
 */
export async function holdProject(id: string): Promise<ProjectLock | null> {
  try {
    return await new Promise((resolve, reject) => {
      const held = (lock: Lock | null) => {
        if (lock === null) return resolve(null);
        // The browser keeps the lock for as long as this promise is open.
        return new Promise<void>((release) => resolve({ release }));
      };
      navigator.locks.request(`tonearm-project-${id}`, { ifAvailable: true }, held).catch(reject);
    });
  } catch {
    return { release: () => undefined };
  }
}
