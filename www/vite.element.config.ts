import { defineConfig } from 'vite';
import { common } from './vite.config.js';

/**
 * Builds the element under a fixed name for other sites. It shares no chunks with the pages: a browser
 * could combine an outdated cached `tone-arm.js` with newer chunks.
 */
export default defineConfig({
  ...common,
  build: {
    ...common.build,
    emptyOutDir: false,
    rolldownOptions: { input: { 'tone-arm': '../pkg/dist/tone-arm.js' }, output: { entryFileNames: '[name].js' } },
  },
});
