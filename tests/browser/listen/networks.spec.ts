import { execFileSync } from 'node:child_process';
import { binaryRows } from '../support/agreement.js';
import { fixture, wav } from '../support/audio.js';
import { parseBinaryJson } from '../support/binary-json.js';
import { BINARY, SPEECH, weightsOf } from '../support/paths.js';
import { expect, test } from '../support/pages/tonearm.js';

const song = fixture('networks.wav', wav({ seconds: 30 }));

const COLUMNS = ['acousticness', 'danceability', 'energy', 'instrumentalness', 'liveness', 'speechiness', 'tempo', 'valence'];

/** A table of synthetic Echo Nest features: slow, acoustic rows labelled Folk and lively ones labelled Hip-Hop. */
function table(rows: number): string {
  const lines = Array.from({ length: rows }, (_, row) => {
    const folk = row % 2 === 0;
    const values = folk ? [0.95, 0.4, 0.15, 0.8, 0.1, 0.04, 90, 0.2] : [0.1, 0.7, 0.7, 0.05, 0.15, 0.35, 100, 0.6];
    const moved = values.map((value, column) => value * (1 + ((row * 7 + column * 3) % 11) / 100 - 0.05));
    return [row + 100, folk ? 'Folk' : 'Hip-Hop', ...moved.map((value) => value.toFixed(4))].join(',');
  });
  return [`track_id,genre,${COLUMNS.join(',')}`, ...lines].join('\n');
}

test('choosing another network classifies the track again and names that network', async ({ tonearm, page }) => {
  await tonearm.open('?backend=cpu');
  const together = await tonearm.classify(song);
  await expect(tonearm.track.locator('footer')).toContainText('CNN, RNN and MLP together');
  await expect(tonearm.track.locator('tone-arm-estimates')).toContainText('Estimated from the sound');
  expect(Object.keys(together.estimates ?? {}).length).toBeGreaterThan(0);

  await page.locator('listen-view aside .network select').selectOption('rnn');
  await expect.poll(async () => (await tonearm.answers()).length).toBe(2);
  const [, alone] = await tonearm.answers();
  await expect(tonearm.track.locator('footer')).toContainText('by the RNN on');
  expect(alone!.estimates).toBeNull();
  expect(alone!.probabilities).not.toEqual(together.probabilities);
});

for (const network of ['fusion', 'cnn', 'rnn']) {
  test(`the ${network} recognises speech and says that it is not sure`, async ({ tonearm }) => {
    await tonearm.open(`?backend=cpu&network=${network}`);
    const { confident, mapPosition } = await tonearm.classify(SPEECH);
    expect([confident, mapPosition!.outOfDistribution, mapPosition!.speech]).toEqual([false, true, true]);
    await expect(tonearm.track.locator('.answer')).toContainText('Not sure');
    await expect(tonearm.track.locator('.answer')).toContainText('It sounds like speech, not music.');
  });
}

test('the page and the binary place a track at the same point of the map', async ({ tonearm }) => {
  await tonearm.open('?backend=cpu');
  const { mapPosition } = await tonearm.classify(song);
  const printed = execFileSync(BINARY, ['classify', '--json', song], { encoding: 'utf8' });
  const native = parseBinaryJson<{ mapPosition: NonNullable<typeof mapPosition> }>(printed).mapPosition;
  // The map is about 20 units wide.
  expect(Math.hypot(mapPosition!.x - native.x, mapPosition!.y - native.y)).toBeLessThan(0.1);
  expect(mapPosition!.neighbours[0]).toEqual(native.neighbours[0]);
  expect(mapPosition!.outOfDistribution).toBe(native.outOfDistribution);

  const map = tonearm.track.locator('tone-arm-map');
  await expect(map.locator('.nearest')).toContainText(`Of the ${mapPosition!.neighbours.length} most similar tracks`);
  await expect(map.locator('li')).toHaveCount(8);
  // The tracks are drawn, and the marker is inside the map.
  const drawn = await map.locator('canvas').evaluate((canvas: HTMLCanvasElement) => {
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    return data.filter((_, i) => i % 4 === 3).filter((alpha) => alpha > 0).length;
  });
  expect(drawn).toBeGreaterThan(7000);
  const [box, mark] = [await map.locator('.map').boundingBox(), await map.locator('.mark').boundingBox()];
  expect(mark!.x).toBeGreaterThan(box!.x);
  expect(mark!.x + mark!.width).toBeLessThan(box!.x + box!.width);
});

for (const network of ['fusion', 'cnn', 'rnn']) {
  test(`the ${network} is not sure about noise`, async ({ tonearm }) => {
    await tonearm.open(`?backend=cpu&network=${network}`);
    const noise = fixture(`${network}-noise.wav`, wav({ seconds: 31, noise: true }));
    const { confident, mapPosition } = await tonearm.classify(noise);
    expect([confident, mapPosition!.outOfDistribution]).toEqual([false, true]);
    await expect(tonearm.track.locator('.answer')).toContainText('Not sure');
    await expect(tonearm.track.locator('.answer')).toContainText('unlike the music');
  });
}

test('a song that is passed to a new element right away is classified', async ({ tonearm, page }) => {
  await tonearm.open('?backend=cpu');
  await tonearm.classify(song);
  const labels = await page.evaluate(async () => {
    const first = document.querySelector('tonearm-page')!.shadowRoot!.querySelector('listen-view')!.shadowRoot!.querySelector('tone-arm')!;
    const file = (first as unknown as { file: Blob }).file;
    const arm = document.createElement('tone-arm') as HTMLElement & { network: string; classify(song: Blob): Promise<{ label: string } | undefined> };
    document.body.append(arm);
    const appended = await arm.classify(file);
    arm.network = 'rnn';
    const chosen = await arm.classify(file);
    arm.remove();
    return [appended?.label, chosen?.label];
  });
  expect(labels.every((label) => typeof label === 'string')).toBe(true);
});

test('About shows the model card of every network', async ({ tonearm, page }) => {
  await tonearm.open();
  await page.getByRole('link', { name: 'About' }).click();
  const choice = page.locator('model-card select');
  await choice.scrollIntoViewIfNeeded();
  const names = await choice.locator('option').evaluateAll((options) => options.map((option) => (option as HTMLOptionElement).value));
  expect(names).toEqual(['fusion', 'cnn', 'rnn', 'mlp-eleven', 'mlp-four', 'mlp-rock-electronic']);
  for (const name of names) {
    await choice.selectOption(name);
    const printed = execFileSync(BINARY, ['inspect', weightsOf(name), '--json'], { encoding: 'utf8' });
    const { card, labels } = JSON.parse(printed) as { card: { name: string; command: string; figures: { raw_ece: number; ece: number }[] }; labels: string[] };
    await expect(page.locator('model-card dl')).toContainText(card.command);
    const rows = page.locator('model-card .figures tbody tr');
    await expect(rows).toHaveCount(card.figures.length);
    for (const [row, { raw_ece, ece }] of card.figures.entries()) {
      await expect(rows.nth(row).locator('td').nth(-2)).toHaveText(raw_ece.toFixed(3));
      await expect(rows.nth(row).locator('td').last()).toHaveText(ece.toFixed(3));
    }
    await expect(page.locator('model-card .confusion tbody tr')).toHaveCount(labels.length);
    await expect(page.locator('model-card dl')).toContainText('Licence of the data');
  }
});

for (const network of ['mlp-eleven', 'mlp-four', 'mlp-rock-electronic']) {
  test(`the page and the binary classify a table alike with ${network}`, async ({ tonearm, page }) => {
    // The labels have to be among the genres of the network.
    const csv = fixture(`${network}.csv`, table(40).replaceAll('Folk', network === 'mlp-rock-electronic' ? 'Rock' : 'Folk').replaceAll('Hip-Hop', network === 'mlp-rock-electronic' ? 'Electronic' : 'Hip-Hop'));
    await tonearm.open();
    await page.getByText('Or classify a table').click();
    await page.locator('echo-nest-table select').selectOption(network);
    await page.locator('echo-nest-table input[type="file"]').setInputFiles(csv);
    const printed = execFileSync(BINARY, ['evaluate', '--weights', weightsOf(network), '--data', csv, '--json'], { encoding: 'utf8' });
    const { n, top1 } = JSON.parse(printed) as { n: number; top1: number };
    expect(n).toBe(40);
    await expect(page.locator('echo-nest-table [role="status"]')).toContainText(`40 rows classified. ${Math.round(n * top1)} of 40`);
    const rows = page.locator('echo-nest-table tbody tr');
    await expect(rows).toHaveCount(40);
    const shown = await rows.evaluateAll((rows) => rows.map((row) => row.textContent!.replaceAll('\u00a0', ' ')));
    for (const [row, { label, probabilities }] of binaryRows(csv, network).entries()) {
      const [, percent] = new RegExp(`${label} (\\d+) %`).exec(shown[row]!) ?? [];
      expect(Math.abs(Number(percent) - 100 * probabilities[label]!), shown[row]).toBeLessThan(0.51);
    }
  });
}

test('a typed row is classified', async ({ tonearm, page }) => {
  await tonearm.open();
  await page.getByText('Or classify a table').click();
  for (const name of COLUMNS) {
    await page.locator(`echo-nest-table input[name="${name}"]`).fill(name === 'tempo' ? '120' : '0.5');
  }
  await page.getByRole('button', { name: 'Classify', exact: true }).click();
  await expect(page.locator('echo-nest-table .answer')).toHaveText(/^\S.* \d+\s%, .* \d+\s%, .* \d+\s%$/);
});

const header = COLUMNS.join(',');
const BAD_TABLES: [string, string, RegExp][] = [
  ['without a column', 'energy,tempo\n1,2', /lacks these columns: acousticness/],
  ['without rows', header, /no rows/],
  ['with words', `${header}\n1,1,loud,1,1,1,1,1`, /Row 1: energy is "loud"/],
  ['with a short row', `${header}\n1,1`, /Row 1: energy is ""/],
  ['of random bytes', String.fromCharCode(...Array.from({ length: 500 }, (_, i) => (i * 7919) % 256)), /lacks these columns/],
  ['that is empty', '', /lacks these columns/],
];
for (const [what, csv, message] of BAD_TABLES) {
  test(`a table ${what} is rejected with a message, and a good one works afterwards`, async ({ tonearm, page }) => {
    await tonearm.open();
    await page.getByText('Or classify a table').click();
    const input = page.locator('echo-nest-table input[type="file"]');
    await input.setInputFiles(fixture('bad.csv', csv));
    await expect(page.locator('echo-nest-table .error')).toHaveText(message);
    await input.setInputFiles(fixture('good.csv', table(2)));
    await expect(page.locator('echo-nest-table tbody tr')).toHaveCount(2);
  });
}
