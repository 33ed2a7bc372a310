// Declares the generated bindings, so that types can be checked before they are built. `worker/wasm.ts` declares their
// exports.
declare module '*/tonearm_web.js';
