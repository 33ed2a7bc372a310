import { TOP_K } from '../engine.js';
import { LANG } from '../text/numbers.js';
import { texts } from '../text/texts.js';
import { NETWORKS } from '../types.js';

/** Allowed values of the enumerated attributes, the default first. */
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
type AttributeSource = { [K in Name | 'topK']?: unknown } & { lang: string };

/** Validated attributes of an element. An unknown value counts as the default and causes one warning in the console. */
export class Attributes {
  readonly #element: AttributeSource;
  readonly #warned = new Set<string>();

  constructor(element: AttributeSource) {
    this.#element = element;
  }

  /** Warns about every unknown value. */
  check() {
    for (const name of Object.keys(VALUES)) this.value(name as Name);
    void this.topK;
    const { lang } = this.#element;
    if (lang && lang.toLowerCase().split('-')[0] !== LANG) this.#warn(texts.unknownValue('lang', lang, [LANG]));
  }

  value<K extends Name>(name: K): Value<K> {
    const values: readonly Value<K>[] = VALUES[name];
    const given = String(this.#element[name] ?? '');
    const known = given === '' ? values[0] : values.find((value) => value === given);
    if (known === undefined) this.#warn(texts.unknownValue(name, given, values.filter(Boolean)));
    return known ?? values[0]!;
  }

  /** Whether a part of the element is shown. */
  shows(part: 'player' | 'timeline' | 'spectrogram'): boolean {
    return this.value(part) === 'true';
  }

  get topK(): number {
    const given = Number(this.#element.topK ?? TOP_K);
    if (Number.isInteger(given) && given > 0) return given;
    this.#warn(texts.invalidTopK(String(this.#element.topK), TOP_K));
    return TOP_K;
  }

  #warn(warning: string) {
    if (!this.#warned.has(warning)) console.warn(warning);
    this.#warned.add(warning);
  }
}
