import { readStored, store } from '../shared/storage.js';

/** Colour scheme of the page. */
export type Theme = 'light' | 'dark';

const KEY = 'tonearm-theme';
const system = matchMedia('(prefers-color-scheme: dark)');

/** The theme that the visitor chose; undefined if the system decides. */
function chosen(): Theme | undefined {
  const { theme } = document.documentElement.dataset;
  return theme === 'light' || theme === 'dark' ? theme : undefined;
}

/** The current theme. */
export function theme(): Theme {
  return chosen() ?? (system.matches ? 'dark' : 'light');
}

/** Applies the stored theme, and calls `onChange` when the system's colour scheme changes, until `signal` is aborted. */
export function startTheme(onChange: () => void, signal: AbortSignal) {
  const stored = readStored(KEY);
  if (stored === 'light' || stored === 'dark') document.documentElement.dataset.theme = stored;
  system.addEventListener('change', onChange, { signal });
}

/** Switches between light and dark, and stores the choice. */
export function switchTheme() {
  const next: Theme = theme() === 'dark' ? 'light' : 'dark';
  document.documentElement.dataset.theme = next;
  store(KEY, next);
}
