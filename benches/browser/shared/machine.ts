import { cpus, loadavg, totalmem } from 'node:os';

/** Describes the browser and the machine. */
export function machine(browser: string): string {
  return `Chromium ${browser}, headless; ${cpus().length} × ${cpus()[0]?.model ?? 'processor'}, ${Math.round(totalmem() / 1e9)} GB.`;
}

/** Load average over the last minute. */
export const load = () => loadavg()[0] ?? NaN;
