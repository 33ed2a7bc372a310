import { defineConfig } from 'vite';

export default defineConfig({
  // Relative, so that the site works from any path.
  base: './',
  build: {
    target: 'es2022',
    // An inlined asset would be a data: address, which the content security policy refuses to fetch.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // The page, the page for frames, and the element by a name that other sites can count on.
      input: { index: 'index.html', embed: 'embed.html', 'tone-arm': 'tonearm/element' },
      output: { entryFileNames: ({ name }) => (name === 'tone-arm' ? 'tone-arm.js' : 'assets/[name]-[hash].js') },
    },
  },
  worker: { format: 'es' },
});
