import type { Card } from 'tonearm';

type Grouping = Card['card']['data']['grouping'];

/** Names of what is kept on one side of a split. */
const GROUPED: Record<Grouping, string> = {
  artist: 'all rows of an artist on one side',
  group: 'all rows of a group of neighbouring tracks, about an album, on one side',
  none: 'rows dealt out one by one, as neither artists nor groups are known',
};

/** Every text of the page, in one place so that it can be translated. */
export const texts = {
  name: 'Tonearm',
  /** What searching machines show. */
  description: 'Drop a track and read its genre, moment by moment. Computed in your browser; nothing is uploaded.',
  noScript: 'Tonearm computes in your browser and needs JavaScript for it.',
  /** Of 404.html, which runs no script. */
  absent: { title: 'Nothing here · Tonearm', message: 'There is nothing at this address.', start: 'The start of this site' },
  viewMissing: 'This part of the page could not be fetched. Check the connection and reload the page.',
  views: { listen: 'Listen', train: 'Train', about: 'About' },
  titles: { listen: 'Tonearm', train: 'Train Tonearm', about: 'About Tonearm' },
  toDark: 'Use dark colours',
  toLight: 'Use light colours',
  dark: 'Dark',
  light: 'Light',

  headline: 'Drop a track, read its genre.',
  drop: 'Drop songs here',
  orChoose: 'or click to choose them',
  dropNow: 'Let go to listen',
  promise: 'Each is decoded and analysed on this device, moment by moment. Nothing is uploaded.',
  formats: 'mp3, wav, flac, ogg, m4a: what your browser plays.',
  noSong: 'No song at hand?',
  example: 'Try the built-in example',
  exampleIs: 'Half a minute of drums, bass and chords, played by this page.',
  exampleName: 'Built-in example.wav',
  exampleWait: 'Playing it…',

  network: 'Network',
  networks: {
    fusion: 'All together (fusion)',
    cnn: 'CNN on mel pictures',
    rnn: 'RNN on MFCCs',
    'mlp-eleven': 'MLP on Echo Nest features: eleven genres',
    'mlp-four': 'MLP on Echo Nest features: four genres',
    'mlp-rock-electronic': 'MLP on Echo Nest features: Rock or Electronic',
  },

  yours: 'Yours',
  yourAnswers: (name: string) => `The next songs are answered by “${name}”, your own classifier.`,

  table: {
    title: 'Or classify a table of Echo Nest features',
    what: 'For tracks that the Echo Nest measured while it existed: type the numbers of one, or choose or drop a CSV with these columns. A genre and a track_id are shown where the table has them.',
    column: (name: string) => name.charAt(0).toUpperCase() + name.slice(1),
    classify: 'Classify',
    choose: 'Choose a CSV',
    headings: ['Track', 'Genre in the table', 'Answer', 'Next'],
    answer: (top: [string, number][]) => top.map(([label, probability]) => `${label} ${Math.round(probability * 100)} %`).join(', '),
    counted: (rows: number, shown: number, known: number, right: number) =>
      `${rows} rows classified.${known > 0 ? ` ${right} of ${known} as the table has them; a network may have learned from these very rows.` : ''}${rows > shown ? ` The first ${shown} are shown.` : ''}`,
    missing: (names: string) => `The table lacks these columns: ${names}.`,
    empty: 'The table has no rows.',
    tooLong: (most: number) => `The table has more than ${most} rows.`,
    notNumber: (row: number, column: string, cell: string) => `Row ${row}: ${column} is "${cell}", which is no number.`,
    shortGenres: { R: 'Rock', E: 'Electronic' } as Record<string, string>,
  },

  embed: {
    title: 'Put it into a site of yours',
    what: 'Copy one of these into a page. The tag takes the colours of the page around it and tells scripts of its answers; the frame is for sites that allow nothing else.',
    ownWeights: (address: string) => `For your own classifier to answer there, put its file on the web and its address in the place of ${address}.`,
    tag: 'As a tag',
    frame: 'In a frame',
    copy: (kind: string) => `Copy embed code: ${kind.toLowerCase()}`,
    copied: (kind: string) => `Copied: ${kind.toLowerCase()}.`,
    notCopied: 'The browser does not let this page copy. Select the code and copy it yourself.',
    refused: (parameter: string) => `The address in “${parameter}” is refused: it has to begin with https, or be of this site.`,
  },

  tracks: 'Tracks',
  add: 'Add songs',
  remove: (title: string) => `Remove ${title}`,
  cancelled: 'Cancelled',
  failed: 'Failed',
  noSound: 'No sound',
  unsure: (first: string, second: string) => `${first} or ${second}`,
  strange: 'Not sure',
  waiting: 'Waiting',
  states: { loading: 'Loading', decoding: 'Decoding', analysing: 'Listening' },

  about: {
    title: 'A record player that tells the genre',
    lead:
      'Tonearm listens to a song on your own device and says what genre it sounds like, moment by moment, ' +
      'and how sure it is of that.',
    how: {
      title: 'How it works',
      steps: [
        'The browser decodes the file, as it would to play it.',
        'A program in WebAssembly, written in Rust, turns the sound into a mel spectrogram, how loud each band of pitch is over time, and into MFCCs, the shape of the spectrum in twenty numbers.',
        'A convolutional network looks at windows of the picture, a recurrent network follows the MFCCs, and a third reads estimates of how danceable, energetic or acoustic the music is. A last layer weighs what the three say and gives each moment a probability for every genre.',
        'The answer for the song is the mean of its windows. Where the likeliest genre is not likely enough, the page says between which two it hesitates.',
        'The song is then placed on a map of the tracks that the network learned from, by what the last layer of the convolutional network hears in it (of the recurrent one, where that answers alone). A song far from all that these tracks have in common is answered “not sure”, and so is speech.',
      ],
    },
    sections: [
      {
        title: 'Privacy',
        paragraphs: [
          'Nothing is uploaded. The song, the answer and the network stay in this browser tab, and a content security policy makes the browser refuse any connection to another site, for the page and for the worker that computes.',
          'The choice of light or dark colours is remembered on this device. What you make on Train, the songs that you give it among that, is kept in this browser until you delete it there.',
        ],
      },
      {
        title: 'What it learned from',
        paragraphs: [
          'The networks were trained on FMA-small, a set of half-minute clips from the Free Music Archive that their artists published under Creative Commons licences, sorted into eight genres.',
          'Clips of one artist were never on both sides of the split between training and testing, so the figures of the CNN, the RNN and the fusion below are for artists that they had not heard. While training, they also learned to agree with VGGish, a larger network that heard the same clips.',
        ],
      },
      {
        title: 'Limits',
        paragraphs: [
          'Genre is a habit of people, not a property of sound, and the archive’s artists chose their own. Expect the network to be wrong often, and most of all between neighbours such as Pop and Rock.',
          'It knows eight genres and must choose among them: of jazz, metal or a symphony it will still say one of the eight. Noise and speech it mostly tells apart from music, and then says that it is not sure; where it does not, its answer means little.',
          'It hears texture and rhythm, not lyrics. Very short songs are repeated to fill a window, and the answer says so.',
        ],
      },
    ],
    backend: {
      title: 'What computes',
      text: 'The CPU, unless the song is so long that the graphics card is worth its larger download; the faster of the two in a trial run is then taken. You can settle it yourself:',
      links: [
        { address: './?backend=cpu#listen', label: 'always the CPU' },
        { address: './?backend=webgpu#listen', label: 'the graphics card where there is one' },
        { address: './#listen', label: 'let the page decide' },
      ],
    },
    card: {
      title: 'The networks',
      text: 'What their weights files say of themselves:',
    },
  },

  card: {
    count: (n: number) => n.toLocaleString('en'),
    percent: (share: number) => `${(share * 100).toFixed(1)}\u00a0%`,
    loading: 'Reading the weights…',
    figures: 'How good it is',
    choose: 'Network:',
    confusion: 'Confusion matrix',
    confusionIs: (part: string) => `Rows are true genres, columns answers, in per cent of each row; ${part}.`,
    badAt: 'What it is bad at',
    weaknesses: (worst: { genre: string; recall: string; taken: string }[]) =>
      worst.map(({ genre, recall, taken }) => `${genre}: ${recall} found, most often taken for ${taken}`).join('. ') + '.',
    columns: ['Tested on', 'Rows', 'First is right', 'Among first three', 'Balanced', 'Macro F1', 'Calibration error, uncorrected', 'Calibration error'],
    estimates: (list: string) =>
      `Share of the variance (R²) that the estimates of the Echo Nest features explain, on artists not fitted on: ${list}.`,
    row: 'One row of a table',
    facts: {
      name: 'Network',
      labels: 'Genres',
      window: 'Window',
      parameters: 'Parameters',
      multiplyAdds: 'Multiply-adds per window',
      threshold: 'Sure from',
      interval: 'First is right',
      data: 'Data',
      licence: 'Licence of the data',
      split: 'Split',
      fittedOn: 'Fitted on',
      command: 'Made by',
    },
    sure: (threshold: string, coverage: string, accuracy: string) => `${threshold}: ${coverage} of the rows, ${accuracy} of them right`,
    interval: (value: string, low: string, high: string) => `${value} (95 % interval: ${low} to ${high})`,
    split: (folds: number, random: boolean, grouping: Grouping) =>
      `${folds > 0 ? `${folds} folds` : 'Training, validation and test rows'}, ${random ? 'rows dealt out at random' : GROUPED[grouping]}`,
    seconds: (seconds: number) => `${seconds}\u00a0s`,
    rows: (file: string, rows: string, groups: string, grouping: Grouping) =>
      `${file}: ${rows} rows${{ artist: ` by ${groups} artists`, group: ` in ${groups} groups of tracks`, none: '' }[grouping]}`,
  },
};
