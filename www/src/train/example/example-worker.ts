import { wavOf } from '../../shared/wav.js';
import { renderClip } from './example-clip.js';
import type { ClipPlan } from './plan.js';
import { replyWith } from '../../shared/worker-reply.js';

/** Synthesises a clip of the example project as a wav file. */
replyWith(async (plan: ClipPlan) => {
  const { samples, sampleRate } = renderClip(plan);
  return wavOf({ channels: [samples], sampleRate });
});
