import { expect, test } from '@playwright/test';
import { PreviewPlayer } from '../../../../www/src/train/classes/preview-player.js';

/** Replaces the browser's audio element. Its `play()` stays pending until `pause()` or `fail()` is called. */
class FakeAudio {
  static readonly instances: FakeAudio[] = [];
  onended: (() => void) | null = null;
  paused = true;
  #interrupt = (_: Error) => {};

  constructor() {
    FakeAudio.instances.push(this);
  }

  play(): Promise<void> {
    this.paused = false;
    return new Promise((_, reject) => (this.#interrupt = reject));
  }

  pause() {
    this.paused = true;
    this.#interrupt(new DOMException('The play() request was interrupted by a call to pause().', 'AbortError'));
  }

  /** Simulates audio that the browser cannot decode. */
  fail() {
    this.paused = true;
    this.#interrupt(new DOMException('no supported source', 'NotSupportedError'));
  }
}

const audio = new Blob(['sound']);
const settled = () => new Promise((resolve) => setTimeout(resolve));
const before = globalThis.Audio;

test.beforeEach(() => {
  FakeAudio.instances.length = 0;
  globalThis.Audio = FakeAudio as unknown as typeof Audio;
});

test.afterEach(() => {
  globalThis.Audio = before;
});

test('an example that is started while another one loads keeps playing', async () => {
  const player = new PreviewPlayer(() => undefined);
  player.toggle('a', audio);
  player.toggle('b', audio);
  await settled();
  expect(player.playingId).toBe('b');
  expect(FakeAudio.instances.map(({ paused }) => paused)).toEqual([true, false]);
  // A late event of the first example.
  FakeAudio.instances[0]!.onended?.();
  expect(player.playingId).toBe('b');
});

test('an example that the browser cannot play is shown as stopped', async () => {
  const player = new PreviewPlayer(() => undefined);
  player.toggle('a', audio);
  FakeAudio.instances[0]!.fail();
  await settled();
  expect(player.playingId).toBeNull();
});
