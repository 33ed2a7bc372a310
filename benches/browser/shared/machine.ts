import { cpus, loadavg, totalmem } from 'node:os';

/** The browser and the machine, in words. */
export function machine(browser: string): string {
  return `Chromium ${browser}, headless; ${cpus().length} × ${cpus()[0]?.model ?? 'processor'}, ${Math.round(totalmem() / 1e9)} GB.`;
}

/** Processes that wanted a processor over the last minute. */
export const load = () => loadavg()[0] ?? NaN;
