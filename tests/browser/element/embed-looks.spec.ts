import { fixture, wav } from '../support/audio.js';
import { expect, test } from '../support/pages/host-page.js';
import { SIZES, look } from '../support/pages/look.js';

const song = fixture('A tune.wav', wav({ seconds: 30 }));

for (const [size, viewport] of Object.entries(SIZES)) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test(`embed.html is accessible and does not overflow: ${size}, ${colorScheme}`, async ({ host, page }) => {
      host.offer('A%20tune.wav', song);
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme });
      const open = (query: string) => page.goto(`${host.server.url}embed.html?network=cnn&${query}`);
      const lookAt = (view: string) => look(page, `embed-${view}-${size}-${colorScheme}`);

      await open('');
      await expect(host.arm).toContainText(/\d\sMB/);
      await lookAt('picker');
      await open('src=A%20tune.wav');
      await expect(host.arm).toContainText(/\d\sMB/);
      await lookAt('idle');
      await host.arm.getByRole('button', { name: 'What genre is it?' }).click();
      await host.reaches('done');
      await page.waitForTimeout(700); // lets the transitions of bars and spectrogram end
      await lookAt('done');
      await open('src=data:,');
      await expect(page.getByRole('alert')).toBeVisible();
      await lookAt('refused');
    });
  }
}
