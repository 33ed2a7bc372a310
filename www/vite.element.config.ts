import { defineConfig } from 'vite';
import { common } from './vite.config.js';

/**
 * The element by a name that other sites can count on. Built apart, since what shares code with it
 * would break where a browser has kept an older file of that name.
 */
export default defineConfig({
  ...common,
  build: {
    ...common.build,
    emptyOutDir: false,
    rolldownOptions: { input: { 'tone-arm': '../pkg/dist/tone-arm.js' }, output: { entryFileNames: '[name].js' } },
  },
});
