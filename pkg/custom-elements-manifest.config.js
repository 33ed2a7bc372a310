/** Makes custom-elements.json from the comments of the element: of its public face alone. */
export default {
  globs: ['src/element/tone-arm.ts'],
  litelement: true,
  plugins: [
    {
      name: 'public-face',
      moduleLinkPhase({ moduleDoc }) {
        for (const element of moduleDoc.declarations) {
          element.members = element.members?.filter(({ name, privacy }) => !name.startsWith('#') && privacy === undefined);
          element.events = element.events?.filter(({ description }) => description);
        }
      },
      packageLinkPhase({ customElementsManifest }) {
        // What is shipped of it.
        for (const module of customElementsManifest.modules) {
          module.path = 'dist/element.js';
          for (const { declaration } of module.exports) declaration.module = module.path;
        }
      },
    },
  ],
};
