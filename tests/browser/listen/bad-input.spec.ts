import { fixture, wav } from '../support/audio.js';
import { expect, test } from '../support/pages/tonearm.js';

const good = fixture('Good.wav', wav({ seconds: 6 }));

/** A wav file of 8 bit silence at 1 kHz: decoded, it needs 176 times its size. */
function slowWav(seconds: number): Uint8Array {
  const bytes = Buffer.alloc(44 + seconds * 1000, 128);
  wav({ seconds: 1, sampleRate: 1000, channels: 1 }).slice(0, 44).forEach((byte, i) => (bytes[i] = byte));
  bytes.writeUInt32LE(bytes.length - 8, 4);
  bytes.writeUInt32LE(1000, 28);
  bytes.writeUInt16LE(1, 32);
  bytes.writeUInt16LE(8, 34);
  bytes.writeUInt32LE(bytes.length - 44, 40);
  return bytes;
}

/** What is wrong with a file, the file, and the message for it. */
const TROUBLES: [string, string, RegExp][] = [
  ['a text file named .mp3', fixture('Letter.mp3', 'Dear reader, this is no music.\n'.repeat(50)), /This file contains no audio that the browser can decode.*Try an mp3/],
  ['an empty file', fixture('Empty.wav', ''), /file is empty.*choose another/],
  ['a small file that lasts 3 hours and more', fixture('Long.wav', slowWav(3 * 3600 + 60)), /longer than 3 hours.*Cut it/],
  ['0.2 s of sound', fixture('Short.wav', wav({ seconds: 0.2 })), /at least.*Try another/],
];

for (const [what, file, message] of TROUBLES) {
  test(`${what} is rejected with a message, and the next file works`, async ({ tonearm, consoleErrors }) => {
    await tonearm.open();
    await tonearm.choose(file);
    expect(await tonearm.trouble()).toMatch(message);
    expect((await tonearm.classify(good)).label).not.toBeNull();
    expect(consoleErrors).toEqual([]);
  });
}

test('3 s of sound are repeated to fill a window, and the page says so', async ({ tonearm }) => {
  await tonearm.open();
  const answer = await tonearm.classify(fixture('Three.wav', wav({ seconds: 3 })));
  expect(answer.looped).toBe(true);
  expect(answer.durationSeconds).toBeCloseTo(3, 3);
  await expect(tonearm.track.locator('footer')).toContainText('repeated');
});

test('a silent file has no genre', async ({ tonearm }) => {
  await tonearm.open();
  const answer = await tonearm.classify(fixture('Silence.wav', wav({ seconds: 30, silent: true })));
  expect(answer.label).toBeNull();
  await expect(tonearm.track.locator('tone-arm-answer')).toContainText('No sound');
});

for (const channels of [1, 6]) {
  test(`a file with ${channels} channel${channels > 1 ? 's' : ''} is classified`, async ({ tonearm }) => {
    await tonearm.open();
    const answer = await tonearm.classify(fixture(`Channels ${channels}.wav`, wav({ seconds: 10, channels })));
    expect(answer.label).not.toBeNull();
  });
}
