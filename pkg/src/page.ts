/**
 * Helpers for a page around the engine: its formats and texts, the engine that the elements share, deadlines for downloads,
 * saving files, and the scale of a map. Nothing here needs Lit.
 *
 * @module tonearm/page
 */
export { Stalled, importWithDeadline, startWithDeadline, unlessAborted } from './runtime/stall-deadline.js';
export { type SharedEngine, shareEngine } from './runtime/shared-engine.js';
export { mapScale } from './element/map/map-scale.js';
export { save } from './text/export.js';
export { catalogue } from './text/catalogue.js';
export { clock, titleOf } from './text/format.js';
export { count, dateTime, decimal, duration, list, megabytes, minutes, percent, plural, seconds, signed, wholePercent } from './text/numbers.js';
