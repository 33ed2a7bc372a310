import { catalogue } from 'tonearm/page';
import { about, modelCard } from './about.js';
import { embed } from './embed.js';
import { listen } from './listen.js';
import { page } from './page.js';
import { report } from './report.js';
import { tableProblems } from './tables.js';
import { train } from './train.js';

/** Every text of the page, by view. A text with parameters is a function. */
export const texts = catalogue({ page, listen, embed, about, modelCard, train, report, tableProblems });
