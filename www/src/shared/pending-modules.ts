import type { ModuleName } from 'tonearm';

/** Environment that Vite fills in at build time; undefined when tests import this file without Vite. */
const environment = (import.meta as { env?: { VITE_PENDING_MODULES?: string } }).env;

/** Modules that `cargo xtask serve` is still building while it serves this page; empty in a finished site. */
const pending = (environment?.VITE_PENDING_MODULES ?? '').split(',');

/** Whether a module is still being built. It works once the build is done and the page is reloaded. */
export function isPending(module: ModuleName): boolean {
  return pending.includes(module);
}
