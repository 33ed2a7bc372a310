import { test as base, expect } from '../../support/pages/tonearm.js';
import { Workbench } from '../../support/pages/workbench.js';

/** A fake microphone that beeps, and a user who always grants permission. */
const FAKES = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];

interface StoredExample {
  name: string;
  artist: string | null;
  seconds: number;
  hasAudio: boolean;
}

/** A project of two classes, and the actions of a user who records. */
class RecordingWorkbench extends Workbench {
  async record(index: number, seconds: number, source = 'Microphone') {
    const card = this.cards.nth(index);
    await card.getByRole('button', { name: /^Record for/ }).click();
    await card.getByLabel('Cut into files of').selectOption({ label: `${seconds} s` });
    await card.getByRole('button', { name: source }).click();
  }

  panel(index: number) {
    return this.cards.nth(index).locator('record-panel');
  }

  /** Waits until at least this many seconds are recorded. */
  async recorded(index: number, seconds: number) {
    await expect
      .poll(async () => Number((await this.panel(index).getByRole('timer').innerText()).split(':')[1]), { timeout: 60_000 })
      .toBeGreaterThanOrEqual(seconds);
  }

  examples(): Promise<StoredExample[]> {
    return this.page.evaluate(() => {
      const view = document.querySelector('tonearm-page')?.shadowRoot?.querySelector('train-view');
      return (view as unknown as { controller: { openProject: { examples: StoredExample[] } } }).controller.openProject.examples.map(({ name, artist, seconds, hasAudio }) => ({ name, artist, seconds, hasAudio }));
    });
  }

  /** Waits until the project has `n` examples, and returns them. */
  async stored(n: number): Promise<StoredExample[]> {
    await expect.poll(async () => (await this.examples()).length, { timeout: 60_000 }).toBe(n);
    return this.examples();
  }
}

const test = base.extend<{ bench: RecordingWorkbench }>({
  launchOptions: async ({ launchOptions }, use) => use({ ...launchOptions, args: [...(launchOptions.args ?? []), ...FAKES] }),
  bench: async ({ tonearm, page }, use) => {
    // Records all media tracks that the page opens.
    await page.addInitScript(() => {
      const tracks: MediaStreamTrack[] = [];
      Object.assign(globalThis, { tracks });
      for (const name of ['getUserMedia', 'getDisplayMedia'] as const) {
        const open = navigator.mediaDevices[name].bind(navigator.mediaDevices);
        navigator.mediaDevices[name] = async (constraints) => {
          const stream = await open(constraints);
          tracks.push(...stream.getTracks());
          return stream;
        };
      }
    });
    const bench = new RecordingWorkbench(tonearm);
    await bench.open();
    await bench.begin();
    await use(bench);
  },
});

function openTracks(bench: RecordingWorkbench): Promise<number> {
  return bench.page.evaluate(() => (globalThis as unknown as { tracks: MediaStreamTrack[] }).tracks.filter(({ readyState }) => readyState === 'live').length);
}

test('a recording is cut into files while it runs, and Stop saves the last one', async ({ bench, page, consoleErrors }) => {
  await bench.record(0, 3);
  await expect(page.getByRole('button', { name: 'Train', exact: true })).toBeDisabled();
  await bench.recorded(0, 7);
  await bench.stored(2);
  await expect.poll(async () => Number(await bench.panel(0).getByRole('meter').getAttribute('aria-valuenow'))).toBeGreaterThan(-40);
  await bench.picture('train-recording');
  await bench.panel(0).getByRole('button', { name: 'Stop' }).click();
  const examples = await bench.stored(3);
  expect(examples.map(({ name }) => /^Recording \d{4}-\d\d-\d\d \d\d\.\d\d \((\d)\)\.wav$/.exec(name)?.[1])).toEqual(['1', '2', '3']);
  expect(examples.map(({ seconds }) => Math.round(seconds * 100) / 100).slice(0, 2)).toEqual([3, 3]);
  expect(examples[2]!.seconds).toBeGreaterThanOrEqual(1);
  expect(examples[2]!.seconds).toBeLessThan(3);
  expect(new Set(examples.map(({ artist }) => artist)).size).toBe(1);
  expect(examples[0]!.artist).toMatch(/^Recording/);
  expect(examples.every(({ hasAudio }) => hasAudio)).toBe(true);
  expect(await openTracks(bench)).toBe(0);
  expect(consoleErrors).toEqual([]);
});

test('the microphone is opened without audio processing', async ({ bench, page }) => {
  await bench.record(0, 10);
  await bench.recorded(0, 1);
  const settings = await page.evaluate(() => (globalThis as unknown as { tracks: MediaStreamTrack[] }).tracks[0]!.getSettings());
  expect(settings).toMatchObject({ echoCancellation: false, noiseSuppression: false, autoGainControl: false });
});

test('starting another recording ends the current one, and so does leaving the view', async ({ bench, page }) => {
  await bench.record(0, 10);
  await bench.recorded(0, 2);
  await bench.record(1, 10);
  await expect(bench.panel(0).getByRole('button', { name: 'Stop' })).toHaveCount(0);
  const [first] = await bench.stored(1);
  // The fake microphone always starts with the same beeps, so recordings of equal length may be identical files.
  await bench.recorded(1, Math.floor(first!.seconds) + 1);
  expect(await openTracks(bench)).toBe(1);
  await page.getByRole('link', { name: 'Listen' }).click();
  await expect.poll(() => openTracks(bench)).toBe(0);
  await page.getByRole('link', { name: 'Train' }).click();
  const [, second] = await bench.stored(2);
  expect(second!.artist).not.toBe(first!.artist);
  await expect(bench.cards.nth(1)).toContainText('1 file');
});

test('removing a class ends its recording, and adds no file', async ({ bench, page }) => {
  await bench.record(0, 3);
  await bench.recorded(0, 2);
  await page.getByRole('button', { name: 'Remove the class Class 1' }).click();
  await expect.poll(() => openTracks(bench)).toBe(0);
  expect(await bench.stored(0)).toEqual([]);
});

test('a recording shorter than a second is discarded', async ({ bench }) => {
  await bench.record(0, 3);
  await expect(bench.panel(0).getByRole('timer')).toBeVisible();
  await bench.panel(0).getByRole('button', { name: 'Stop' }).click();
  await expect(bench.panel(0).getByRole('button', { name: 'Microphone' })).toBeFocused();
  expect(await bench.examples()).toEqual([]);
});

for (const [error, sentence] of [
  ['NotAllowedError', 'Allow it in the address bar'],
  ['NotFoundError', 'No microphone was found'],
  ['NotReadableError', 'Another program may be using the microphone'],
] as const) {
  test(`a ${error} of the microphone shows a message`, async ({ bench, page }) => {
    await page.evaluate((name) => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', name));
    }, error);
    await bench.record(0, 10);
    await expect(bench.panel(0).getByRole('alert')).toContainText(sentence);
    await expect(bench.panel(0).getByRole('button', { name: 'Microphone' })).toBeEnabled();
  });
}

test('a tab that is shared without audio shows a message and is released', async ({ bench, page }) => {
  await page.evaluate(() => {
    navigator.mediaDevices.getDisplayMedia = async () => {
      const picture = document.createElement('canvas').captureStream();
      (globalThis as unknown as { tracks: MediaStreamTrack[] }).tracks.push(...picture.getTracks());
      return picture;
    };
  });
  await bench.record(0, 10, 'Tab audio');
  await expect(bench.panel(0).getByRole('alert')).toContainText('What you shared has no audio');
  expect(await openTracks(bench)).toBe(0);
});

test('disconnecting the microphone ends the recording, which is saved', async ({ bench, page }) => {
  await bench.record(0, 10);
  await bench.recorded(0, 2);
  await page.evaluate(() => (globalThis as unknown as { tracks: MediaStreamTrack[] }).tracks[0]!.dispatchEvent(new Event('ended')));
  await expect(bench.panel(0).getByRole('alert')).toContainText('The microphone was disconnected');
  await bench.stored(1);
});

test('if no audio context can be created, the page shows a message and releases the microphone', async ({ bench, page }) => {
  await page.evaluate(() => {
    globalThis.AudioContext = class {
      constructor() {
        throw new DOMException('too many contexts', 'NotSupportedError');
      }
    } as unknown as typeof AudioContext;
  });
  await bench.record(0, 10);
  await expect(bench.panel(0).getByRole('alert')).toContainText('Recording could not start');
  expect(await openTracks(bench)).toBe(0);
});

test('cancelling a recording while its worklet loads releases the microphone', async ({ bench, page }) => {
  await page.evaluate(() => {
    AudioWorklet.prototype.addModule = () => new Promise(() => {});
  });
  await bench.record(0, 10);
  await expect.poll(() => openTracks(bench)).toBe(1);
  await bench.panel(0).getByRole('button', { name: 'Cancel' }).click();
  await expect.poll(() => openTracks(bench)).toBe(0);
});

test('if a file of a recording cannot be saved, the page shows a message and saves the later files', async ({ bench, page }) => {
  await page.evaluate(() => {
    const RealFile = File;
    let failed = false;
    globalThis.File = class extends RealFile {
      constructor(...given: ConstructorParameters<typeof File>) {
        if (!failed) {
          failed = true;
          throw new RangeError('Array buffer allocation failed');
        }
        super(...given);
      }
    };
  });
  await bench.record(0, 3);
  await expect(bench.panel(0).getByRole('alert')).toContainText(/Recording .* \(1\)\.wav could not be saved\. Later files/, { timeout: 30_000 });
  const [second] = await bench.stored(1);
  expect(second!.name).toContain('(2)');
  await bench.panel(0).getByRole('button', { name: 'Stop' }).click();
});
