/** Reads a value from `localStorage`; null if there is none or storage is blocked, as in a sandboxed iframe. */
export function readStored(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** Writes a value to `localStorage` if the browser allows it. */
export function store(key: string, value: string) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // The value then lasts only until the page is closed.
  }
}
