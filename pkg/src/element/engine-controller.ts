import type { LitElement } from 'lit';
import { downloadSize } from '../runtime/download-size.js';
import type { Engine } from '../engine.js';
import { type SharedEngine, shareEngine } from '../runtime/shared-engine.js';
import type { BackendChoice, Card, NetworkName, TrackMap } from '../types.js';

/** What settles an engine. */
export interface SetUp {
  network: NetworkName;
  backend: BackendChoice;
  weights?: string;
  assets?: string;
}

/** The engine that an element uses by its attributes, and what is known of it; updates the element when that comes. */
export class EngineController {
  readonly #host: LitElement;
  readonly #setUp: () => SetUp;
  #shared: SharedEngine | undefined;
  /** The set-up that was last used, in one text. */
  #usedFor: string | undefined;
  #card: Card | undefined;
  #map: TrackMap | undefined;
  #bytes: number | undefined;

  /** @param setUp - What the attributes come to now. */
  constructor(host: LitElement, setUp: () => SetUp) {
    this.#host = host;
    this.#setUp = setUp;
  }

  /** What the weights say of themselves; undefined until they were read. */
  get card(): Card | undefined {
    return this.#card;
  }

  /** The tracks that the network learned from; undefined until the weights were read, and where they map none. */
  get map(): TrackMap | undefined {
    return this.#map;
  }

  /** What a first answer fetches; undefined until it was asked, and where the host does not say. */
  get bytes(): number | undefined {
    return this.#bytes;
  }

  /** Taken on first use, so that a page that never asks never downloads. */
  take(): Engine {
    const setUp = this.#setUp();
    const key = JSON.stringify(setUp);
    if (this.#usedFor !== key) this.giveBack();
    this.#shared ??= shareEngine(setUp);
    this.#usedFor = key;
    return this.#shared.engine;
  }

  /** Gives the engine back; what is known of it stays. */
  giveBack() {
    this.#shared?.release();
    this.#shared = undefined;
  }

  /** Whether the attributes ask for another than the one that was used. */
  get isOutdated(): boolean {
    return this.#usedFor !== undefined && this.#usedFor !== JSON.stringify(this.#setUp());
  }

  /** Gives the engine back and forgets what was known of it. */
  forget() {
    this.giveBack();
    this.#usedFor = this.#card = this.#map = undefined;
  }

  /** Reads what the weights hold, which loads them. */
  async read() {
    try {
      const engine = this.take();
      const [card, map] = await Promise.all([engine.card(), engine.map()]);
      // Another network may have been chosen meanwhile.
      if (engine !== this.#shared?.engine) return;
      [this.#card, this.#map] = [card, map];
      this.#host.requestUpdate();
    } catch {
      // The track says so.
    }
  }

  /** Asks how much a first answer fetches. */
  async weigh() {
    const setUp = this.#setUp();
    // An address that is none is said when it is used.
    const bytes = await downloadSize(setUp).catch(() => undefined);
    if (JSON.stringify(setUp) !== JSON.stringify(this.#setUp())) return;
    this.#bytes = bytes;
    this.#host.requestUpdate();
  }
}
