import { wavOf } from '../../shared/wav.js';
import { type ClipPlan, renderClip } from './example-project.js';
import { answering } from '../../shared/worker-reply.js';

/** Makes a sound of the example project, as a file. */
answering(async (plan: ClipPlan) => {
  const { samples, sampleRate } = renderClip(plan);
  return wavOf({ channels: [samples], sampleRate });
});
