import { Engine, type EngineOptions } from '../engine.js';

/** Engines in use, by what they were set up with. */
const shared = new Map<string, { engine: Engine; users: number }>();

/** An engine that several elements use, with the call that gives it back. */
export interface SharedEngine {
  /** Not to be closed by one of them. */
  engine: Engine;
  /** Gives it back; the last to do so closes it. */
  release(): void;
}

/**
 * Gives elements of one set-up one engine, and so one worker and one copy of the weights. It is
 * closed when the last of them has given it back.
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
