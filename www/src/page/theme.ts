import { recall, remember } from '../shared/storage.js';

/** Colours of the page. */
export type Theme = 'light' | 'dark';

const KEY = 'tonearm-theme';
const system = matchMedia('(prefers-color-scheme: dark)');

/** What the person chose; undefined while they leave it to the system. */
function chosen(): Theme | undefined {
  const { theme } = document.documentElement.dataset;
  return theme === 'light' || theme === 'dark' ? theme : undefined;
}

/** The colours in force. */
export function theme(): Theme {
  return chosen() ?? (system.matches ? 'dark' : 'light');
}

/** Takes up what was remembered, and calls back when the system changes its mind. */
export function startTheme(onChange: () => void) {
  const remembered = recall(KEY);
  if (remembered === 'light' || remembered === 'dark') document.documentElement.dataset.theme = remembered;
  system.addEventListener('change', onChange);
}

/** Turns light into dark and back, and remembers it. */
export function switchTheme() {
  const next: Theme = theme() === 'dark' ? 'light' : 'dark';
  document.documentElement.dataset.theme = next;
  remember(KEY, next);
}
