// Stands in for the generated bindings where they are not built yet, so that the types can be
// checked on a fresh clone. `wasm.ts` says what they hold.
declare module '*/tonearm_web.js';
