import { fixture, mp3 } from '../../../tests/browser/support/audio.js';

/** Length of the sound that a clip repeats, in seconds. */
const SOUND_SECONDS = 30;

/** Writes an mp3 file, 44.1 kHz, stereo, that repeats the frames of a shorter one, which is faster than encoding all of it. */
export function clip(seconds: number): string {
  const sound = mp3({ seconds: SOUND_SECONDS });
  return fixture(`${seconds} s.mp3`, Buffer.concat(Array.from({ length: seconds / SOUND_SECONDS }, () => sound)));
}
