import { test as base, expect } from '../../support/pages/tonearm.js';
import { Workbench } from '../../support/pages/workbench.js';

/** A microphone that beeps, and a visitor who always says yes. */
const FAKES = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];

interface KeptExample {
  name: string;
  artist: string | null;
  seconds: number;
  hasAudio: boolean;
}

/** A project of two classes, and what a person does with a recording. */
class TrainingClient extends Workbench {
  async record(index: number, seconds: number, source = 'Microphone') {
    const card = this.cards.nth(index);
    await card.getByRole('button', { name: /^Record for/ }).click();
    await card.getByLabel('Cut into files of').selectOption({ label: `${seconds} s` });
    await card.getByRole('button', { name: source }).click();
  }

  panel(index: number) {
    return this.cards.nth(index).locator('record-panel');
  }

  /** Waits until so much is recorded. */
  async recorded(index: number, seconds: number) {
    await expect
      .poll(async () => Number((await this.panel(index).getByRole('timer').innerText()).split(':')[1]), { timeout: 60_000 })
      .toBeGreaterThanOrEqual(seconds);
  }

  examples(): Promise<KeptExample[]> {
    return this.page.evaluate(() => {
      const view = document.querySelector('tonearm-page')?.shadowRoot?.querySelector('train-view');
      return (view as unknown as { controller: { openProject: { examples: KeptExample[] } } }).controller.openProject.examples.map(({ name, artist, seconds, hasAudio }) => ({ name, artist, seconds, hasAudio }));
    });
  }

  /** Waits until all that came in is kept, and gives it. */
  async kept(n: number): Promise<KeptExample[]> {
    await expect.poll(async () => (await this.examples()).length, { timeout: 60_000 }).toBe(n);
    return this.examples();
  }
}

const test = base.extend<{ client: TrainingClient }>({
  launchOptions: async ({ launchOptions }, use) => use({ ...launchOptions, args: [...(launchOptions.args ?? []), ...FAKES] }),
  client: async ({ tonearm, page }, use) => {
    // The tracks that are open, for the tests to look at.
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
    const client = new TrainingClient(tonearm);
    await client.open();
    await client.begin();
    await use(client);
  },
});

function openTracks(client: TrainingClient): Promise<number> {
  return client.page.evaluate(() => (globalThis as unknown as { tracks: MediaStreamTrack[] }).tracks.filter(({ readyState }) => readyState === 'live').length);
}

test('a recording becomes files while it goes on, and Stop keeps the rest', async ({ client, page, consoleErrors }) => {
  await client.record(0, 3);
  await expect(page.getByRole('button', { name: 'Train', exact: true })).toBeDisabled();
  await client.recorded(0, 7);
  await client.kept(2);
  await expect.poll(async () => Number(await client.panel(0).getByRole('meter').getAttribute('aria-valuenow'))).toBeGreaterThan(-40);
  await client.picture('train-recording');
  await client.panel(0).getByRole('button', { name: 'Stop' }).click();
  const examples = await client.kept(3);
  expect(examples.map(({ name }) => /^Recording \d{4}-\d\d-\d\d \d\d\.\d\d \((\d)\)\.wav$/.exec(name)?.[1])).toEqual(['1', '2', '3']);
  expect(examples.map(({ seconds }) => Math.round(seconds * 100) / 100).slice(0, 2)).toEqual([3, 3]);
  expect(examples[2]!.seconds).toBeGreaterThanOrEqual(1);
  expect(examples[2]!.seconds).toBeLessThan(3);
  expect(new Set(examples.map(({ artist }) => artist)).size).toBe(1);
  expect(examples[0]!.artist).toMatch(/^Recording/);
  expect(examples.every(({ hasAudio }) => hasAudio)).toBe(true);
  expect(await openTracks(client)).toBe(0);
  expect(consoleErrors).toEqual([]);
});

test('the microphone is asked for its sound as it is', async ({ client, page }) => {
  await client.record(0, 10);
  await client.recorded(0, 1);
  const settings = await page.evaluate(() => (globalThis as unknown as { tracks: MediaStreamTrack[] }).tracks[0]!.getSettings());
  expect(settings).toMatchObject({ echoCancellation: false, noiseSuppression: false, autoGainControl: false });
});

test('a recording for another class ends the first, and leaving the view ends that', async ({ client, page }) => {
  await client.record(0, 10);
  await client.recorded(0, 2);
  await client.record(1, 10);
  await expect(client.panel(0).getByRole('button', { name: 'Stop' })).toHaveCount(0);
  const [first] = await client.kept(1);
  // The microphone of the tests beeps from its start, and recordings of one length may be the same bytes.
  await client.recorded(1, Math.floor(first!.seconds) + 1);
  expect(await openTracks(client)).toBe(1);
  await page.getByRole('link', { name: 'Listen' }).click();
  await expect.poll(() => openTracks(client)).toBe(0);
  await page.getByRole('link', { name: 'Train' }).click();
  const [, second] = await client.kept(2);
  expect(second!.artist).not.toBe(first!.artist);
  await expect(client.cards.nth(1)).toContainText('1 file');
});

test('a class that is taken out ends its recording, and gets nothing', async ({ client, page }) => {
  await client.record(0, 3);
  await client.recorded(0, 2);
  await page.getByRole('button', { name: 'Remove the class Class 1' }).click();
  await expect.poll(() => openTracks(client)).toBe(0);
  expect(await client.kept(0)).toEqual([]);
});

test('what is shorter than a second is not kept', async ({ client }) => {
  await client.record(0, 3);
  await expect(client.panel(0).getByRole('timer')).toBeVisible();
  await client.panel(0).getByRole('button', { name: 'Stop' }).click();
  await expect(client.panel(0).getByRole('button', { name: 'Microphone' })).toBeFocused();
  expect(await client.examples()).toEqual([]);
});

for (const [error, sentence] of [
  ['NotAllowedError', 'Allow it beside the address'],
  ['NotFoundError', 'No microphone was found'],
  ['NotReadableError', 'Another program may hold the microphone'],
] as const) {
  test(`${error} of the microphone is said in words`, async ({ client, page }) => {
    await page.evaluate((name) => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', name));
    }, error);
    await client.record(0, 10);
    await expect(client.panel(0).getByRole('alert')).toContainText(sentence);
    await expect(client.panel(0).getByRole('button', { name: 'Microphone' })).toBeEnabled();
  });
}

test('a tab that is shared without sound is said in words, and let go', async ({ client, page }) => {
  await page.evaluate(() => {
    navigator.mediaDevices.getDisplayMedia = async () => {
      const picture = document.createElement('canvas').captureStream();
      (globalThis as unknown as { tracks: MediaStreamTrack[] }).tracks.push(...picture.getTracks());
      return picture;
    };
  });
  await client.record(0, 10, 'Sound of a tab');
  await expect(client.panel(0).getByRole('alert')).toContainText('came without sound');
  expect(await openTracks(client)).toBe(0);
});

test('a microphone that goes away ends the recording, which is kept', async ({ client, page }) => {
  await client.record(0, 10);
  await client.recorded(0, 2);
  await page.evaluate(() => (globalThis as unknown as { tracks: MediaStreamTrack[] }).tracks[0]!.dispatchEvent(new Event('ended')));
  await expect(client.panel(0).getByRole('alert')).toContainText('The microphone went away');
  await client.kept(1);
});

test('an audio context that cannot be made is said in words, and the microphone is let go', async ({ client, page }) => {
  await page.evaluate(() => {
    globalThis.AudioContext = class {
      constructor() {
        throw new DOMException('too many contexts', 'NotSupportedError');
      }
    } as unknown as typeof AudioContext;
  });
  await client.record(0, 10);
  await expect(client.panel(0).getByRole('alert')).toContainText('The recording did not start');
  expect(await openTracks(client)).toBe(0);
});

test('a recording that is cancelled while its worklet loads lets the microphone go', async ({ client, page }) => {
  await page.evaluate(() => {
    AudioWorklet.prototype.addModule = () => new Promise(() => {});
  });
  await client.record(0, 10);
  await expect.poll(() => openTracks(client)).toBe(1);
  await client.panel(0).getByRole('button', { name: 'Cancel' }).click();
  await expect.poll(() => openTracks(client)).toBe(0);
});

test('a file of a recording that cannot be saved is said in words, and those after it are saved', async ({ client, page }) => {
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
  await client.record(0, 3);
  await expect(client.panel(0).getByRole('alert')).toContainText(/Recording .* \(1\)\.wav could not be saved\. Later files/, { timeout: 30_000 });
  const [second] = await client.kept(1);
  expect(second!.name).toContain('(2)');
  await client.panel(0).getByRole('button', { name: 'Stop' }).click();
});
