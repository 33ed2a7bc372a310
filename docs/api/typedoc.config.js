/** The documents of what the package exports: `npm run build`, or `npm run build -- --out FOLDER`. */
import { OptionDefaults } from 'typedoc';

/** Source of each entry of the package. */
const ENTRIES = ['index', 'element/tone-arm', 'engine', 'node', 'react', 'project-types'];

/** What custom-elements.json is made from. */
const OF_AN_ELEMENT = ['@attr', '@fires', '@slot', '@csspart', '@cssproperty'];

export default {
  name: 'tonearm',
  entryPoints: ENTRIES.map((name) => `../../pkg/src/${name}.ts`),
  tsconfig: '../../pkg/tsconfig.json',
  readme: '../../pkg/README.md',
  out: '../../target/doc-ts',
  // A checkout need not have a remote that they could be linked to.
  disableSources: true,
  blockTags: [...OptionDefaults.blockTags, ...OF_AN_ELEMENT],
  // The public face alone.
  excludeExternals: true,
  excludePrivate: true,
  excludeProtected: true,
  excludeInternal: true,
  validation: { notDocumented: true },
  treatWarningsAsErrors: true,
};
