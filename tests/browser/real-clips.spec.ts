import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { binaryAnswer, difference } from './support/agreement.js';
import { CLIPS } from './support/paths.js';
import { expect, test } from './support/tonearm.js';

const clips = existsSync(CLIPS)
  ? readdirSync(CLIPS, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.mp3')).sort()
  : [];

if (clips.length === 0) console.log(`real clips: skipped, there is no ${CLIPS}`);

for (const clip of clips) {
  test(`the page and the binary agree on ${clip}`, async ({ tonearm }) => {
    const file = path.join(CLIPS, clip);
    await tonearm.open();
    const answer = await tonearm.classify(file);
    expect(answer.moments.length).toBeGreaterThanOrEqual(12);
    expect(difference(answer, binaryAnswer(file))).toBeLessThan(1e-3);
  });
}
