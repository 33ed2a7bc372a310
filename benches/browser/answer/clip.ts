import { fixture, mp3 } from '../../../tests/browser/support/audio.js';

/** Length of the sound that a clip repeats, in seconds. */
const SOUND = 30;

/** An mp3 of a length, 44.1 kHz, stereo: the frames of a shorter one, again and again. */
export function clip(seconds: number): string {
  const sound = mp3({ seconds: SOUND });
  return fixture(`${seconds} s.mp3`, Buffer.concat(Array.from({ length: seconds / SOUND }, () => sound)));
}
