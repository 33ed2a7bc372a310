import { type ClipPlan, EXAMPLE_SEED, planExample } from './example/plan.js';
import address from './example-worker.ts?worker&url';
import { inWorker } from './in-worker.js';
import type { Offer } from './intake.js';
import type { ProjectClass } from './records.js';
import { trainTexts } from './texts.js';

/** The sounds of the example project, each made when its turn comes, in a worker: it takes longer than a page may stand still. */
export function exampleOffers(classes: ProjectClass[]): Offer[] {
  const ids = new Map(classes.map(({ name, id }) => [name, id]));
  return planExample(EXAMPLE_SEED).flatMap((plan): Offer[] => {
    const classId = ids.get(plan.className);
    // Sounds to validate by have a player of their own in each class, so that a split keeps them back.
    const artist = trainTexts.example.players[plan.role](plan.className);
    return classId ? [{ name: plan.name, classId, artist, source: () => play(plan) }] : [];
  });
}

function play(plan: ClipPlan): Promise<Blob> {
  return inWorker<Blob>(address, plan).catch(() => {
    throw new Error(trainTexts.example.unmade);
  });
}
