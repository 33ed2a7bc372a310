/**
 * Helpers for a page around the engine: the number formats of the element, its engine, deadlines for downloads, and
 * saving files. Nothing here needs Lit.
 *
 * @module tonearm/page
 */
export { Stalled, importWithDeadline, startWithDeadline, unlessAborted } from './runtime/stall-deadline.js';
export { type SharedEngine, shareEngine } from './runtime/shared-engine.js';
export { save } from './text/export.js';
export { clock, titleOf } from './text/format.js';
export { count, dateTime, decimal, duration, list, megabytes, minutes, percent, plural, seconds, signed, wholePercent } from './text/numbers.js';
