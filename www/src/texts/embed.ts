/** What the embed code can be: the element itself, or an iframe around it. */
export type EmbedKind = 'tag' | 'frame';

/** Parts of the element that embed code can hide. */
export type EmbedPart = 'player' | 'timeline' | 'spectrogram';

/** Texts of the embed code, and of the page in an iframe. */
export const embed = {
  title: 'Embed it on your site',
  hint: 'Copy one of these into your page. The tag follows the colours of your page and fires events that scripts can use. The iframe is for sites that allow only iframes.',
  ownWeights: (address: string) => `To embed your own classifier, upload its file and replace ${address} with its address.`,
  kinds: { tag: 'As a tag', frame: 'In an iframe' } satisfies Record<EmbedKind, string>,
  copy: { tag: 'Copy the tag', frame: 'Copy the iframe' } satisfies Record<EmbedKind, string>,
  copied: { tag: 'Copied the tag.', frame: 'Copied the iframe.' } satisfies Record<EmbedKind, string>,
  options: 'Options',
  src: 'Address of a song',
  srcHint: 'Leave empty to let visitors choose a song.',
  autorun: 'Start without a click',
  parts: { player: 'Player', timeline: 'Timeline', spectrogram: 'Spectrogram' } satisfies Record<EmbedPart, string>,
  topK: 'Genres in the prediction',
  choices: {
    theme: { name: 'Colours', values: { '': 'As the page around it', light: 'Light', dark: 'Dark' } },
    backend: { name: 'Computed on', values: { auto: 'Automatic: CPU or GPU', webgpu: 'GPU', cpu: 'CPU' } },
    preload: { name: 'Download in advance', values: { metadata: 'Only the size of the download', none: 'Nothing', auto: 'Program and weights' } },
  },
  copyFailed: 'The browser did not allow copying. Select the code and copy it yourself.',
  addressNotAllowed: (parameter: string) => `The address in “${parameter}” is not allowed: use an address with https, of this site or of localhost.`,
};
