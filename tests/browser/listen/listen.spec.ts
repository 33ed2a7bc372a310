import { readFileSync } from 'node:fs';
import { fixture, mp3, wav } from '../support/audio.js';
import { expect, test } from '../support/pages/tonearm.js';

const song = fixture('A tune.mp3', mp3({ seconds: 30 }));
const other = fixture('Another.wav', wav({ seconds: 6 }));
const long = fixture('Long.wav', wav({ seconds: 300, channels: 1 }));

test('a dropped file gets a genre and a timeline of at least twelve moments', async ({ tonearm, page, consoleErrors }) => {
  await tonearm.open();
  const bytes = readFileSync(song).toString('base64');
  const transfer = await page.evaluateHandle((base64) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], 'A tune.mp3'));
    return transfer;
  }, bytes);
  await page.dispatchEvent('body', 'drop', { dataTransfer: transfer });
  await tonearm.reaches('done');

  const [answer] = await tonearm.answers();
  expect(answer!.timeline.length).toBeGreaterThanOrEqual(12);
  const total = Object.values(answer!.probabilities!).reduce((a, b) => a + b, 0);
  expect(total).toBeCloseTo(1, 4);
  await expect(tonearm.track.getByRole('heading', { name: 'A tune' })).toBeVisible();
  await expect(tonearm.track.locator('tone-arm-answer')).toContainText(answer!.top[0]!.label);
  await expect(tonearm.track.locator('tone-arm-bars li')).toHaveCount(Object.keys(answer!.probabilities!).length);
  await expect(tonearm.track.locator('footer')).toContainText('on the CPU in');
  expect(consoleErrors).toEqual([]);
});

test('the built-in example is rendered and classified', async ({ tonearm, page, consoleErrors }) => {
  await tonearm.open();
  await page.getByRole('button', { name: 'Try the built-in example' }).first().click();
  await tonearm.reaches('done');
  const [answer] = await tonearm.answers();
  expect(answer!.durationSeconds).toBeCloseTo(30, 3);
  await expect(tonearm.track.getByText('Rough guesses at Echo Nest audio features')).toBeVisible();
  expect(consoleErrors).toEqual([]);
});

test('songs that are added during an analysis wait for their turn', async ({ tonearm, page }) => {
  await tonearm.open();
  await tonearm.choose(long);
  await tonearm.isUnderWay();
  await tonearm.choose(other, song);
  const list = page.getByRole('list', { name: 'Songs' });
  await expect(list.getByRole('listitem')).toHaveCount(3);
  await expect(list.getByText('Waiting')).not.toHaveCount(0);
  await expect.poll(async () => (await tonearm.answers()).length, { timeout: 100_000 }).toBe(3);
  // In the order in which they were added.
  expect((await tonearm.answers()).map((answer) => Math.round(answer.durationSeconds))).toEqual([300, 6, 30]);
});

test('cancelling a track starts the next one', async ({ tonearm }) => {
  await tonearm.open();
  await tonearm.cancelUnderWay(long);
  const answer = await tonearm.classify(other);
  expect(answer.durationSeconds).toBeCloseTo(6, 3);
});

test('a cancelled track can be tried again', async ({ tonearm }) => {
  await tonearm.open();
  await tonearm.cancelUnderWay(long);
  await tonearm.track.getByRole('button', { name: 'Try again' }).click();
  await tonearm.reaches('done');
  expect(await tonearm.answers()).toHaveLength(1);
});

test('removing a track keeps the others', async ({ tonearm, page }) => {
  await tonearm.open();
  await tonearm.choose(other, song);
  await tonearm.reaches('done');
  await page.getByRole('button', { name: 'Remove Another' }).click();
  await expect(page.getByRole('list', { name: 'Songs' }).getByRole('listitem')).toHaveCount(1);
  await expect(tonearm.track.getByRole('heading', { name: 'A tune' })).toBeVisible();
});

test('the waveform and the timeline seek by keyboard', async ({ tonearm }) => {
  await tonearm.open();
  const answer = await tonearm.classify(song);
  const waveform = tonearm.track.getByRole('slider', { name: 'Position in the song' });
  await waveform.press('ArrowRight');
  await expect(waveform).toHaveAttribute('aria-valuetext', /^0:05 of 0:30/);
  const timeline = tonearm.track.getByRole('slider', { name: 'Genre by moment' });
  await timeline.press('End');
  await expect(timeline).toHaveAttribute('aria-valuenow', String(answer.timeline.length - 1));
  await expect(tonearm.track.locator('.readout')).toContainText('%');
});

test('hovering over the timeline shows the genre of that moment, and a click seeks to it', async ({ tonearm, page }) => {
  await tonearm.open();
  await tonearm.classify(song);
  await tonearm.track.locator('tone-arm-timeline').scrollIntoViewIfNeeded();
  const band = await tonearm.track.locator('tone-arm-timeline').boundingBox();
  await page.mouse.move(band!.x + band!.width / 2, band!.y + 10);
  await expect(tonearm.track.locator('.readout')).toContainText(/0:1\d–0:1\d .*\s%/);
  await page.mouse.down();
  await page.mouse.up();
  await expect(tonearm.track.locator('.clock b')).toHaveText(/0:1[45]/);
});

test('hovering over a point of the map shows its genre', async ({ tonearm, page }) => {
  await tonearm.open('?network=cnn');
  await tonearm.classify(song);
  const map = tonearm.track.locator('tone-arm-map');
  const readout = map.locator('.genre-of-point');
  await expect(readout).toHaveText('Hover over a point to see its genre.');
  await map.locator('.map').scrollIntoViewIfNeeded();
  const [box, mark] = [(await map.locator('.map').boundingBox())!, (await map.locator('.mark').boundingBox())!];
  // The song is among similar tracks, so there are points at its position.
  const pointer = { x: mark.x + mark.width / 2, y: mark.y + mark.height / 2 };
  await page.mouse.move(pointer.x, pointer.y);
  await expect(readout).toHaveText(/^Genre of this point: /);
  const genres = await map.locator('li').allTextContents();
  expect(genres.map((genre) => genre.trim())).toContain((await readout.textContent())!.replace('Genre of this point: ', ''));
  const ring = (await map.locator('.pointed').boundingBox())!;
  expect(Math.hypot(ring.x + ring.width / 2 - pointer.x, ring.y + ring.height / 2 - pointer.y)).toBeLessThan(0.03 * box.width + 1);
  // There are no points in the corner.
  await page.mouse.move(box.x + 2, box.y + 2);
  await expect(readout).toHaveText('Hover over a point to see its genre.');
  await expect(map.locator('.pointed')).toHaveCount(0);
});

test('the music plays and stops', async ({ tonearm }) => {
  await tonearm.open();
  await tonearm.classify(song);
  await tonearm.track.getByRole('button', { name: 'Play' }).click();
  await expect(tonearm.track.locator('.clock b')).toHaveText('0:01', { timeout: 10_000 });
  await tonearm.track.getByRole('button', { name: 'Pause' }).click();
  await expect(tonearm.track.getByRole('button', { name: 'Play' })).toBeVisible();
});

test('the timeline can be saved as CSV and the result as JSON', async ({ tonearm, page }) => {
  await tonearm.open();
  const answer = await tonearm.classify(song);
  const saved = async (button: string) => {
    const download = page.waitForEvent('download');
    await tonearm.track.getByRole('button', { name: button }).click();
    return download;
  };
  const csv = await saved('Save timeline as CSV');
  expect(csv.suggestedFilename()).toBe('A tune.csv');
  const rows = readFileSync(await csv.path(), 'utf8').trim().split('\r\n');
  expect(rows[0]).toBe(['startSeconds', 'endSeconds', 'label', ...Object.keys(answer.probabilities!)].join(','));
  expect(rows).toHaveLength(answer.timeline.length + 1);

  const json = JSON.parse(readFileSync(await (await saved('Save prediction as JSON')).path(), 'utf8'));
  expect(json.file).toBe('A tune.mp3');
  expect(json.timeline).toEqual(answer.timeline);
});
