import { defineConfig } from '@playwright/test';
import { ARGS, executablePath } from '../playwright.config.js';

/** What is measured and printed, and never passes or fails: `npm run bench`, apart from the tests. */
export default defineConfig({
  testDir: '.',
  testMatch: '*.bench.ts',
  outputDir: '../test-results',
  // As long as it takes.
  timeout: 0,
  workers: 1,
  reporter: [['dot']],
  reportSlowTests: null,
  use: {
    trace: 'off',
    viewport: { width: 1280, height: 860 },
    // Without a graphics card WebGL is refused, unless software may draw.
    launchOptions: { executablePath, args: [...ARGS, '--enable-unsafe-swiftshader'] },
  },
});
