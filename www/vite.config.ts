import { defineConfig } from 'vite';

export default defineConfig({
  // Relative, so that the site works from any path.
  base: './',
  build: {
    target: 'es2022',
    // An inlined asset would be a data: address, which the content security policy refuses to fetch.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  worker: { format: 'es' },
});
