import { Engine, type EngineOptions } from '../engine.js';

/** Engines in use, by their options as JSON. */
const shared = new Map<string, { engine: Engine; users: number }>();

/** An engine that can have several users. */
export interface SharedEngine {
  /** Call `release` instead of its `close`. */
  engine: Engine;
  /** Ends this use. The engine is closed when its last user releases it. */
  release(): void;
}

/**
 * Returns the engine with these options, and creates it if it is not in use yet. Its users share one worker and one
 * copy of the weights.
 */
export function shareEngine(options: EngineOptions & { weights?: string; assets?: string }): SharedEngine {
  const key = JSON.stringify([options.network, options.weights, options.assets, options.backend]);
  const entry = shared.get(key) ?? { engine: new Engine(options), users: 0 };
  shared.set(key, entry);
  entry.users++;
  let released = false;
  return {
    engine: entry.engine,
    release() {
      if (released) return;
      released = true;
      if (--entry.users > 0) return;
      shared.delete(key);
      entry.engine.close();
    },
  };
}
