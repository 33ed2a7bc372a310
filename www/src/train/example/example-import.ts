import { Stalled } from 'tonearm';
import { type ClipPlan, EXAMPLE_SEED, planExample } from './plan.js';
import address from './example-worker.ts?worker&url';
import { Asked } from '../../shared/worker-queue.js';
import type { ImportItem } from '../import/import-queue.js';
import type { ProjectClass } from '../store/records.js';
import { trainTexts } from '../texts.js';

/** The sounds of the example project, each made when its turn comes. */
export function exampleImports(classes: ProjectClass[]): ImportItem[] {
  const ids = new Map(classes.map(({ name, id }) => [name, id]));
  const plans = planExample(EXAMPLE_SEED);
  const band = new Band(plans);
  return plans.flatMap(({ name, className, role }, place): ImportItem[] => {
    const classId = ids.get(className);
    // Sounds to validate by have a player of their own in each class, so that a split keeps them back.
    const artist = trainTexts.example.players[role](className);
    return classId ? [{ name, classId, artist, source: () => band.play(place) }] : [];
  });
}

/** Makes sounds in a worker, as one takes longer than a page may stand still: each while the one before it is heard. */
class Band {
  readonly #plans: readonly ClipPlan[];
  readonly #player = new Asked<ClipPlan, Blob>(address);
  #next: { place: number; sound: Promise<Blob> } | undefined;

  constructor(plans: readonly ClipPlan[]) {
    this.#plans = plans;
  }

  async play(place: number): Promise<Blob> {
    const { sound } = this.#next?.place === place ? this.#next : this.#begin(place);
    try {
      return await sound;
    } catch (thrown) {
      throw new Error(thrown instanceof Stalled ? trainTexts.stalled : trainTexts.example.unmade);
    } finally {
      this.#next = this.#begin(place + 1);
    }
  }

  #begin(place: number) {
    const plan = this.#plans[place];
    const sound = plan ? this.#player.ask(plan) : Promise.reject(new Error('there are no more'));
    // Whoever wants it is told.
    sound.catch(() => undefined);
    return { place, sound };
  }
}
