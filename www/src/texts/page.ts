/** Texts of the frame around the views, and of the pages without a view. */
export const page = {
  name: 'Tonearm',
  /** Shown by search engines. */
  description: 'Drop a song and read its genre, moment by moment. Computed in your browser; nothing is uploaded.',
  noScript: 'Tonearm runs in your browser and needs JavaScript.',
  /** Texts of 404.html, which runs no script. */
  notFound: { title: 'Page not found · Tonearm', message: 'There is no page at this address.', home: 'Home page of this site' },
  viewFailed: 'This part of the page could not be loaded. Check the connection and reload the page.',
  views: { listen: 'Listen', train: 'Train', about: 'About' },
  titles: { listen: 'Tonearm', train: 'Train Tonearm', about: 'About Tonearm' },
  useDark: 'Use dark colours',
  useLight: 'Use light colours',
  dark: 'Dark',
  light: 'Light',
};
