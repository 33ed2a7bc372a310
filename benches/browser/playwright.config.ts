import path from 'node:path';
import { defineConfig } from '@playwright/test';
import { ARGS, GPU_ARGS, executablePath } from '../../tests/browser/playwright.config.js';

/** Benchmarks, which print a report instead of passing or failing. Run by `cargo xtask bench`. */
export default defineConfig({
  testDir: '.',
  testMatch: '*.bench.ts',
  outputDir: path.join(import.meta.dirname, '../../tests/browser/test-results'),
  // No timeout.
  timeout: 0,
  workers: 1,
  reporter: [['dot']],
  reportSlowTests: null,
  use: {
    trace: 'off',
    viewport: { width: 1280, height: 860 },
    // Without a GPU, Chromium offers WebGL and WebGPU only with software rendering enabled.
    launchOptions: { executablePath, args: [...ARGS, ...GPU_ARGS, '--enable-unsafe-swiftshader'] },
  },
});
