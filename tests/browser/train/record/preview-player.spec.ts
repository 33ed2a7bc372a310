import { expect, test } from '@playwright/test';
import { PreviewPlayer } from '../../../../www/src/train/classes/preview-player.js';

/** Stands in for the browser's player, whose `play()` stays pending until the sound is loaded or paused. */
class FakeAudio {
  static readonly made: FakeAudio[] = [];
  onended: (() => void) | null = null;
  paused = true;
  #interrupt = (_: Error) => {};

  constructor() {
    FakeAudio.made.push(this);
  }

  play(): Promise<void> {
    this.paused = false;
    return new Promise((_, reject) => (this.#interrupt = reject));
  }

  pause() {
    this.paused = true;
    this.#interrupt(new DOMException('The play() request was interrupted by a call to pause().', 'AbortError'));
  }

  /** As when the browser cannot decode the sound. */
  fail() {
    this.paused = true;
    this.#interrupt(new DOMException('no supported source', 'NotSupportedError'));
  }
}

const audio = new Blob(['sound']);
const settled = () => new Promise((resolve) => setTimeout(resolve));
const before = globalThis.Audio;

test.beforeEach(() => {
  FakeAudio.made.length = 0;
  globalThis.Audio = FakeAudio as unknown as typeof Audio;
});

test.afterEach(() => {
  globalThis.Audio = before;
});

test('an example that is started while another one loads goes on playing', async () => {
  const hearing = new PreviewPlayer(() => undefined);
  hearing.toggle('a', audio);
  hearing.toggle('b', audio);
  await settled();
  expect(hearing.id).toBe('b');
  expect(FakeAudio.made.map(({ paused }) => paused)).toEqual([true, false]);
  // An event of the first that was under way.
  FakeAudio.made[0]!.onended?.();
  expect(hearing.id).toBe('b');
});

test('an example that the browser cannot play is shown as stopped', async () => {
  const hearing = new PreviewPlayer(() => undefined);
  hearing.toggle('a', audio);
  FakeAudio.made[0]!.fail();
  await settled();
  expect(hearing.id).toBeNull();
});
