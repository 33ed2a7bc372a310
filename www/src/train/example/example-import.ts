import { Stalled } from 'tonearm/page';
import { type ClipPlan, EXAMPLE_SEED, planExample } from './plan.js';
import address from './example-worker.ts?worker&url';
import { WorkerQueue } from '../../shared/worker-queue.js';
import type { ImportItem } from '../import/import-queue.js';
import type { ProjectClass } from '../store/records.js';
import { texts } from '../../texts/texts.js';

/** Import items for the sounds of the example project. Each sound is synthesised when the import queue reaches it. */
export function exampleItems(classes: ProjectClass[]): ImportItem[] {
  const ids = new Map(classes.map(({ name, id }) => [name, id]));
  const plans = planExample(EXAMPLE_SEED);
  const synthesiser = new Synthesiser(plans);
  return plans.flatMap(({ name, className, role }, index): ImportItem[] => {
    const classId = ids.get(className);
    // The validation clips of a class have an artist of their own, so that a split can assign them to the validation set.
    const artist = texts.train.example.artists[role](className);
    return classId ? [{ name, classId, artist, source: () => synthesiser.clip(index) }] : [];
  });
}

/** Synthesises clips in a worker, so that the page stays responsive, and one clip ahead, while the previous one is analysed. */
class Synthesiser {
  readonly #plans: readonly ClipPlan[];
  readonly #worker = new WorkerQueue<ClipPlan, Blob>(address);
  #next: { index: number; clip: Promise<Blob> } | undefined;

  constructor(plans: readonly ClipPlan[]) {
    this.#plans = plans;
  }

  async clip(index: number): Promise<Blob> {
    const { clip } = this.#next?.index === index ? this.#next : this.#start(index);
    try {
      return await clip;
    } catch (thrown) {
      throw new Error(thrown instanceof Stalled ? texts.train.stalled : texts.train.example.failed);
    } finally {
      this.#next = this.#start(index + 1);
    }
  }

  #start(index: number) {
    const plan = this.#plans[index];
    const clip = plan ? this.#worker.ask(plan) : Promise.reject(new Error('there is no such clip'));
    // Prevents an unhandled rejection if nobody requests this clip.
    clip.catch(() => undefined);
    return { index, clip };
  }
}
