import type { BackendChoice, ModelCard } from 'tonearm';
import { count, list } from 'tonearm/page';

type Grouping = ModelCard['data']['grouping'];

/** Texts of the About view. */
export const about = {
  title: 'A record player that recognises genres',
  lead:
    'Tonearm analyses a song on your own device and shows which genre it sounds like, moment by moment, ' +
    'and how confident it is.',
  how: {
    title: 'How it works',
    steps: [
      'The browser decodes the file, just as it would to play it.',
      'A program written in Rust and compiled to WebAssembly computes a mel spectrogram, which shows how loud each band of pitch is over time, and MFCCs, which describe the shape of the spectrum in twenty numbers.',
      'A convolutional network analyses windows of the spectrogram, a recurrent network analyses the MFCCs, and a third network uses estimates of how danceable, energetic or acoustic the music is. A last layer combines the three and gives each moment a probability for every genre.',
      'The result for the song is the mean over its windows. If no genre is likely enough, the page names the two most likely ones.',
      'The song is then placed on a map of the tracks that the network was trained on, next to those that it resembles most. If a song is unlike all of them, or sounds like speech, the result is “not sure”.',
    ],
  },
  sections: [
    {
      title: 'Privacy',
      paragraphs: [
        'Nothing is uploaded. The song, the result and the networks stay in this browser tab. A content security policy makes the browser refuse every connection to another site.',
        'Your choice of light or dark colours is saved on this device. So is everything that you make on Train, including the songs that you add there, until you delete it.',
      ],
    },
    {
      title: 'Training data',
      paragraphs: [
        'The networks were trained on FMA-small, a set of half-minute clips in eight genres that artists published on the Free Music Archive under Creative Commons licences.',
        'All clips of one artist were either in the training set or in the test set, so the figures of the CNN, the RNN and the fusion below are for artists that the networks had never seen. VGGish, a larger network, served as a teacher during training.',
      ],
    },
    {
      title: 'Limits',
      paragraphs: [
        'Genres are conventions, not properties of sound, and the artists of the archive chose their own. Expect the network to be wrong often, above all between neighbours such as Pop and Rock.',
        'It knows eight genres and has to choose among them, even for jazz, metal or a symphony. It detects most noise and speech and then says that it is not sure; where it does not, its result means little.',
        'It analyses texture and rhythm, not lyrics. Very short songs are repeated to fill a window; the result then says so.',
      ],
    },
  ],
  backend: {
    title: 'CPU or GPU',
    text: 'Tonearm uses the CPU unless a song is so long that the GPU is worth its larger download. It then tests both and uses the faster one. You can also choose:',
    choices: { cpu: 'Always use the CPU', webgpu: 'Use the GPU if there is one', auto: 'Choose automatically' } satisfies Record<BackendChoice, string>,
  },
  card: {
    title: 'The networks',
    text: 'These details are stored in the weights file of each network:',
  },
};

/** Texts of the model cards on About. */
export const modelCard = {
  loading: 'Loading the weights…',
  figures: 'Accuracy',
  choose: 'Network:',
  confusion: 'Confusion matrix',
  confusionHint: (part: string) => `Rows are true genres, columns are predictions, in per cent of each row. Measured on: ${part}.`,
  confusionOfNetwork: (network: string) => `Rows are true genres, columns are predictions of ${network}, in per cent of each row.`,
  weakest: 'Weakest genres',
  weakness: (genre: string, recall: string, mistakenFor: string) => `${genre}: ${recall} recognised, most often mistaken for ${mistakenFor}.`,
  columns: {
    network: 'Network',
    testSet: 'Test set',
    figures: ['Rows', 'Top-1 accuracy', 'Top-3 accuracy', 'Balanced accuracy', 'Macro F1', 'Calibration error before correction', 'Calibration error'],
  },
  estimates: (features: { name: string; r2: string }[]) =>
    `R² of the estimated Echo Nest features, on artists outside the training set: ${list(features.map(({ name, r2 }) => `${name} ${r2}`))}.`,
  oneRow: 'One row of a table',
  facts: {
    name: 'Name',
    labels: 'Genres',
    window: 'Window',
    parameters: 'Parameters',
    multiplyAdds: 'Multiply-adds per window',
    threshold: 'Confident from',
    interval: 'Top-1 accuracy',
    data: 'Data',
    licence: 'Licence of the data',
    validation: 'Validation',
    split: 'Split',
    trainedOn: 'Trained on',
    command: 'Command',
  },
  confident: (threshold: string, coverage: string, accuracy: string) => `${threshold}: covers ${coverage} of tracks, of which ${accuracy} are right`,
  interval: (value: string, low: string, high: string) => `${value} (95\u00a0% interval: ${low} to ${high})`,
  folds: (folds: number) => `${count(folds)}-fold cross-validation`,
  heldOut: 'Separate training, validation and test rows',
  randomSplit: 'At random',
  /** How rows are split, by the grouping that keeps related rows on one side. */
  splits: {
    artist: 'By artist: all rows of an artist are on one side',
    group: 'By group: all rows of neighbouring tracks, about an album, are on one side',
    none: 'Row by row: neither artists nor groups are known',
  } satisfies Record<Grouping, string>,
  data: {
    artist: (file: string, rows: string, artists: string) => `${file}: ${rows} rows by ${artists} artists`,
    group: (file: string, rows: string, groups: string) => `${file}: ${rows} rows in ${groups} groups of tracks`,
    none: (file: string, rows: string) => `${file}: ${rows} rows`,
  } satisfies Record<Grouping, (file: string, rows: string, groups: string) => string>,
};
