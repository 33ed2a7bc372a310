import { wavOf } from '../wav.js';
import { type ClipPlan, EXAMPLE_SEED, planExample, renderClip } from './example-project.js';
import type { Offer } from './intake.js';
import type { ProjectClass } from './records.js';
import { trainTexts } from './texts.js';

/** The sounds of the example project, each made when its turn comes. */
export function exampleOffers(classes: ProjectClass[]): Offer[] {
  const ids = new Map(classes.map(({ name, id }) => [name, id]));
  return planExample(EXAMPLE_SEED).flatMap((plan): Offer[] => {
    const classId = ids.get(plan.className);
    // Sounds to validate by have a player of their own in each class, so that a split keeps them back.
    const artist = trainTexts.example.players[plan.role](plan.className);
    return classId ? [{ name: plan.name, classId, artist, source: () => play(plan) }] : [];
  });
}

/** A sound of the example project, as a file. */
async function play(plan: ClipPlan): Promise<Blob> {
  // In a task of its own: it takes most of what a page may take at once.
  await new Promise((resolve) => setTimeout(resolve));
  const { samples, sampleRate } = renderClip(plan);
  const buffer = new AudioBuffer({ length: samples.length, sampleRate });
  buffer.copyToChannel(samples, 0);
  return wavOf(buffer);
}
