import type { LitElement } from 'lit';
import { downloadSize } from '../runtime/download-size.js';
import type { Engine } from '../engine.js';
import { type SharedEngine, shareEngine } from '../runtime/shared-engine.js';
import type { Metadata } from '../metadata.js';
import type { BackendChoice, NetworkName, TrackMap } from '../types.js';

/** The options that determine an engine. */
export interface EngineSettings {
  network: NetworkName;
  backend: BackendChoice;
  weights?: string;
  assets?: string;
}

/** The engine for an element's current attributes. Updates the element when the metadata, map or download size arrives. */
export class EngineController {
  readonly #host: LitElement;
  readonly #settings: () => EngineSettings;
  #shared: SharedEngine | undefined;
  /** The settings of the engine that was last used, as JSON. */
  #usedSettings: string | undefined;
  #metadata: Metadata | undefined;
  #map: TrackMap | undefined;
  #downloadBytes: number | undefined;

  /** @param settings - Returns the settings for the current attributes. */
  constructor(host: LitElement, settings: () => EngineSettings) {
    this.#host = host;
    this.#settings = settings;
  }

  /** Metadata of the weights file; undefined until it is loaded. */
  get metadata(): Metadata | undefined {
    return this.#metadata;
  }

  /** Map of the training tracks; undefined until the weights are loaded, or if they contain none. */
  get map(): TrackMap | undefined {
    return this.#map;
  }

  /** Size of the download before the first prediction; undefined until it is known, or if the server does not state it. */
  get downloadBytes(): number | undefined {
    return this.#downloadBytes;
  }

  /** Returns the engine and creates it on first use, so that an unused element downloads nothing. */
  acquire(): Engine {
    const settings = this.#settings();
    const key = JSON.stringify(settings);
    if (this.#usedSettings !== key) this.release();
    this.#shared ??= shareEngine(settings);
    this.#usedSettings = key;
    return this.#shared.engine;
  }

  /** Releases the engine and keeps its metadata and map. */
  release() {
    this.#shared?.release();
    this.#shared = undefined;
  }

  /** Whether the attributes changed since the engine was last used. */
  get isOutdated(): boolean {
    return this.#usedSettings !== undefined && this.#usedSettings !== JSON.stringify(this.#settings());
  }

  /** Releases the engine and clears its metadata and map. */
  reset() {
    this.release();
    this.#usedSettings = this.#metadata = this.#map = undefined;
  }

  /** Loads the weights, with their metadata and the map that they contain. */
  async load() {
    try {
      const engine = this.acquire();
      const [metadata, map] = await Promise.all([engine.metadata(), engine.map()]);
      // The attributes may have changed meanwhile.
      if (engine !== this.#shared?.engine) return;
      [this.#metadata, this.#map] = [metadata, map];
      this.#host.requestUpdate();
    } catch {
      // The analysis of the song fails with the same error and shows it.
    }
  }

  /** Finds out the size of the download before the first prediction. */
  async fetchDownloadSize() {
    const settings = this.#settings();
    // Invalid URLs are reported when the engine is used.
    const bytes = await downloadSize(settings).catch(() => undefined);
    if (JSON.stringify(settings) !== JSON.stringify(this.#settings())) return;
    this.#downloadBytes = bytes;
    this.#host.requestUpdate();
  }
}
