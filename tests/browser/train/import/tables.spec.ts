import { bandLevels } from '../../../../pkg/src/element/player/band-levels.js';
import { spectrogramTable, timelineTable } from '../../../../pkg/src/element/player/player-tables.js';
import { clockWithTenths } from '../../../../pkg/src/text/format.js';
import { genresTable } from '../../../../pkg/src/element/map/map-tables.js';
import { fixture, wav } from '../../support/audio.js';
import { expect, test } from '../../support/pages/host-page.js';
import { TonearmPage } from '../../support/pages/tonearm.js';

const song = fixture('A tune.wav', wav({ seconds: 30 }));
const N_MELS = 128;

/** Edges of `N_MELS` bands that are evenly spaced up to a frequency. Their peaks are `top / 129` Hz apart. */
const edgesTo = (top: number) => Array.from({ length: N_MELS + 2 }, (_, i) => (top * i) / (N_MELS + 1));

/** A spectrogram whose cells are computed from column and band. */
function spectrogram(seconds: number, nColumns: number, cell: (column: number, mel: number) => number, edgesHz = edgesTo(12_900)) {
  const data = Uint8Array.from({ length: nColumns * N_MELS }, (_, i) => cell(Math.floor(i / N_MELS), i % N_MELS));
  return { data, nColumns, nMels: N_MELS, edgesHz, seconds };
}

test('the timeline, the spectrogram and the map each have a table with the values of the prediction', async ({ host, page }) => {
  const tonearm = new TonearmPage(page, host.server);
  await tonearm.open('?network=cnn');
  const { timeline, mapPosition, probabilities } = await tonearm.classify(song);
  const { track } = tonearm;
  await expect(track.getByRole('table')).toHaveCount(0);
  const rowsOf = async (name: string) => {
    const summary = track.getByText(`${name} as a table`);
    await summary.focus();
    await page.keyboard.press('Enter');
    const table = track.getByRole('table', { name });
    await expect(table).toBeVisible();
    const rows = await table.locator('tr').evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent!.replaceAll('\u00a0', ' '))));
    return rows.slice(1);
  };

  const percent = (share: number) => (share > 0 && share < 0.005 ? '<1 %' : `${Math.round(share * 100)} %`);
  const ofSteps = timeline.map(({ startSeconds, endSeconds, probabilities }) => {
    const ranked = Object.entries(probabilities!).sort(([, a], [, b]) => b - a);
    const times = [startSeconds, endSeconds].map((seconds) => `0:${seconds.toFixed(1).padStart(4, '0')}`);
    return [...times, ...ranked.slice(0, 3).map(([label, share]) => `${label} ${percent(share)}`)];
  });
  expect(await rowsOf('Timeline')).toEqual(ofSteps);

  const loudness = await rowsOf('Spectrogram');
  expect(loudness.map(([from, to]) => `${from} ${to}`)).toEqual(['0:00 0:05', '0:05 0:10', '0:10 0:15', '0:15 0:20', '0:20 0:25', '0:25 0:30']);
  // The song has loud drums and almost no treble.
  const levels = loudness.map((row) => row.slice(2).map((cell) => Number(cell.replace('−', '-').replace(' dB', ''))));
  for (const [bass, , treble] of levels) expect(bass! - treble!).toBeGreaterThan(10);

  expect(await rowsOf('Most similar tracks')).toEqual(mapPosition!.neighbours.map(({ trackId, label }, i) => [String(i + 1), String(trackId), label]));
  const genres = await rowsOf('Genres on the map');
  expect(genres.map(([label]) => label)).toEqual(Object.keys(probabilities!));
  const sum = (column: number) => genres.reduce((sum, row) => sum + Number(row[column]!.replace(',', '')), 0);
  expect([sum(2), sum(3)]).toEqual([100, 8]);
  await expect(track.getByText(`The ${sum(1).toLocaleString('en')} tracks that the network was trained on.`)).toBeVisible();
});

test('an open table is updated when the song changes', async ({ host }) => {
  host.offer('A%20tune.wav', song);
  host.offer('Short.wav', fixture('Short.wav', wav({ seconds: 4 })));
  await host.open('<tone-arm src="A%20tune.wav" network="cnn" autorun></tone-arm>');
  await host.reaches('done');
  await host.arm.getByText('Spectrogram as a table').click();
  const times = host.arm.getByRole('table', { name: 'Spectrogram' }).locator('tbody tr > :nth-child(2)');
  await expect(times).toHaveText(['0:05', '0:10', '0:15', '0:20', '0:25', '0:30']);
  await host.arm.evaluate((arm) => arm.setAttribute('src', 'Short.wav'));
  await expect(times).toHaveText(['0:04']);
});

test('a long table is shown in parts, which the keyboard can reach', async ({ host, page }) => {
  await host.open('');
  await page.evaluate(() => {
    const rows = Array.from({ length: 450 }, (_, i) => [String(i), 'Rock']);
    document.querySelector('main')!.append(Object.assign(document.createElement('tone-arm-table'), { name: 'Timeline', table: () => ({ headings: ['From', 'First'], rows }) }));
  });
  await page.getByText('Timeline as a table').click();
  const rows = page.locator('tbody tr');
  await expect(rows).toHaveCount(200);
  await page.getByRole('button', { name: 'Show rows 201 to 400 of 450' }).press('Enter');
  await expect(rows).toHaveCount(400);
  await page.getByRole('button', { name: 'Show rows 401 to 450 of 450' }).press('Enter');
  await expect(rows).toHaveCount(450);
  await expect(page.getByRole('button')).toHaveCount(0);
  await expect(page.getByRole('group', { name: 'Timeline' })).toBeFocused();
});

test('band levels are averaged over bass, middle and treble and over the time step', () => {
  // The bands' peaks are 100 Hz apart: 2 lie below 250 Hz and 39 below 4 kHz.
  const falling = spectrogram(20, 200, (column, mel) => (column < 100 || mel < 2 ? 255 : mel < 39 ? 255 - 51 : 0));
  const bands = bandLevels(falling, [[0, 10], [10, 20]]);
  expect(bands.map(({ name, fromHz, toHz }) => [name, fromHz, toHz])).toEqual([
    ['bass', 0, 250],
    ['middle', 250, 4_000],
    ['treble', 4_000, 12_900],
  ]);
  const levels = bands.map((band) => band.levels.map((level) => Number(level.toFixed(6)) + 0));
  expect(levels).toEqual([[0, 0], [0, -16], [0, -80]]);
});

test('a table of two hours has at most 200 rows, and its last row ends with the track', () => {
  const { rows } = spectrogramTable(spectrogram(7_201, 2_048, () => 255));
  expect(rows).toHaveLength(120);
  expect(rows.at(-1)).toEqual(['1:59:00', '2:00:01', '0\u00a0dB', '0\u00a0dB', '0\u00a0dB']);
  expect(spectrogramTable(spectrogram(1, 86, () => 0)).rows).toEqual([['0:00', '0:01', ...Array(3).fill('−80\u00a0dB or less')]]);
});

test('bands above the highest mel band are left out', () => {
  expect(bandLevels(spectrogram(1, 1, () => 0, edgesTo(3_000)), [[0, 1]]).map(({ name, toHz }) => [name, toHz])).toEqual([['bass', 250], ['middle', 3_000]]);
});

test('a silent step has no genres, and a model with two classes has two columns of genres', () => {
  const steps = [
    { startSeconds: 0, endSeconds: 1.96, probabilities: { Bells: 0.25, Drums: 0.75 } },
    { startSeconds: 1.96, endSeconds: 61, probabilities: null },
  ];
  expect(timelineTable(steps, 2)).toEqual({
    headings: ['From', 'To', 'First', 'Second'],
    rows: [['0:00.0', '0:02.0', 'Drums 75\u00a0%', 'Bells 25\u00a0%'], ['0:02.0', '1:01.0', 'no sound', '']],
  });
});

test('rounding a time to tenths carries over to seconds, minutes and hours', () => {
  expect([0, 9.96, 59.97, 3_599.99].map(clockWithTenths)).toEqual(['0:00.0', '0:10.0', '1:00.0', '1:00:00.0']);
});

test('genres are counted on the whole map, near the track and among the most similar tracks', () => {
  const n = 300;
  const map = { coordinates: Float32Array.from({ length: 2 * n }, (_, i) => (i % 2 ? 0 : i / 2)), labels: Uint8Array.from({ length: n }, (_, i) => (i < 120 ? 0 : 1)) };
  const position = { x: -1, y: 0, neighbours: [{ trackId: 7, label: 'Folk' }, { trackId: 9, label: 'Rock' }], outOfDistribution: false, speech: false };
  expect(genresTable(map, ['Rock', 'Folk'], position)).toEqual({
    headings: ['Genre', 'All tracks', 'The 100 nearest on the map', 'The 2 most similar'],
    rows: [['Rock', '120', '100', '1'], ['Folk', '180', '0', '1']],
  });
});
