import { fixture, wav } from '../support/audio.js';
import { expect, test } from '../support/pages/tonearm.js';

const good = fixture('Good.wav', wav({ seconds: 6 }));

/** Each trouble is said in words where the file stands, and the next file still works. */
const TROUBLES: [string, string, RegExp][] = [
  ['a text file named .mp3', fixture('Letter.mp3', 'Dear reader, this is no music.\n'.repeat(50)), /no audio in this file.*Try an mp3/],
  ['an empty file', fixture('Empty.wav', ''), /file is empty.*choose another/],
  ['0.2 s of sound', fixture('Short.wav', wav({ seconds: 0.2 })), /at least.*Try another/],
];

for (const [what, file, words] of TROUBLES) {
  test(`${what} is refused in words, and the next file works`, async ({ tonearm, consoleErrors }) => {
    await tonearm.open();
    await tonearm.choose(file);
    expect(await tonearm.trouble()).toMatch(words);
    expect((await tonearm.classify(good)).label).not.toBeNull();
    expect(consoleErrors).toEqual([]);
  });
}

test('3 s of sound are repeated to fill a window, and the answer says so', async ({ tonearm }) => {
  await tonearm.open();
  const answer = await tonearm.classify(fixture('Three.wav', wav({ seconds: 3 })));
  expect(answer.looped).toBe(true);
  expect(answer.duration_seconds).toBeCloseTo(3, 3);
  await expect(tonearm.track.locator('footer')).toContainText('repeated');
});

test('silence has no genre', async ({ tonearm }) => {
  await tonearm.open();
  const answer = await tonearm.classify(fixture('Silence.wav', wav({ seconds: 30, silent: true })));
  expect(answer.label).toBeNull();
  await expect(tonearm.track.locator('tone-arm-answer')).toContainText('No sound');
});

for (const channels of [1, 6]) {
  test(`${channels} channel${channels > 1 ? 's' : ''} get an answer`, async ({ tonearm }) => {
    await tonearm.open();
    const answer = await tonearm.classify(fixture(`Channels ${channels}.wav`, wav({ seconds: 10, channels })));
    expect(answer.label).not.toBeNull();
  });
}
