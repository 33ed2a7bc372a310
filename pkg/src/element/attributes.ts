import { TOP_K } from '../engine.js';
import { texts } from '../text/texts.js';
import { NETWORKS } from '../types.js';

/** Values of the attributes that take one of a few, the default first. */
const VALUES = {
  network: NETWORKS,
  backend: ['auto', 'webgpu', 'cpu'],
  timeline: ['true', 'false'],
  spectrogram: ['true', 'false'],
  player: ['true', 'false'],
  preload: ['metadata', 'none', 'auto'],
  theme: ['', 'light', 'dark'],
} as const;

type Name = keyof typeof VALUES;
type Value<K extends Name> = (typeof VALUES)[K][number];
type Given = { [K in Name | 'topK']?: unknown } & { lang: string };

/** What the attributes of an element come to: an unknown value counts as the default, and the console says so once. */
export class Attributes {
  readonly #element: Given;
  readonly #warned = new Set<string>();

  constructor(element: Given) {
    this.#element = element;
  }

  /** Warns of every unknown value. */
  check() {
    for (const name of Object.keys(VALUES)) this.value(name as Name);
    void this.topK;
    const { lang } = this.#element;
    if (lang && lang.toLowerCase().split('-')[0] !== texts.lang) this.#warn('lang', lang, [texts.lang]);
  }

  value<K extends Name>(name: K): Value<K> {
    const values: readonly Value<K>[] = VALUES[name];
    const given = String(this.#element[name] ?? '');
    const known = given === '' ? values[0] : values.find((value) => value === given);
    if (known === undefined) this.#warn(name, given, values.filter(Boolean));
    return known ?? values[0]!;
  }

  get topK(): number {
    const given = Number(this.#element.topK ?? TOP_K);
    if (Number.isInteger(given) && given > 0) return given;
    this.#warn('top-k', String(this.#element.topK), ['1', '2', '3', '…']);
    return TOP_K;
  }

  #warn(attribute: string, value: string, known: string[]) {
    const warning = texts.unknownValue(attribute, value, known);
    if (!this.#warned.has(warning)) console.warn(warning);
    this.#warned.add(warning);
  }
}
