/** Lets Lighthouse look at each view of the built page; fails below the aim. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { launch } from 'chrome-launcher';
import lighthouse from 'lighthouse';

const AIM = 95;
const CATEGORIES = ['performance', 'accessibility', 'best-practices'];
const VIEWS = ['#listen', '#train', '#about', 'embed.html'];

const server = spawn(process.env.TONEARM_XTASK, ['serve', '--no-build', '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
const chrome = await launch({
  chromePath: process.env.TONEARM_CHROMIUM,
  chromeFlags: ['--headless=new', '--no-sandbox', '--disable-background-networking', '--no-first-run'],
});
try {
  const address = await addressOf(server);
  let missed = false;
  console.log(`| view | ${CATEGORIES.join(' | ')} |\n| --- |${' --: |'.repeat(CATEGORIES.length)}`);
  for (const view of VIEWS) {
    const { lhr } = await lighthouse(address + view, { port: chrome.port, onlyCategories: CATEGORIES, logLevel: 'error' });
    const scores = CATEGORIES.map((name) => Math.round(lhr.categories[name].score * 100));
    console.log(`| ${view} | ${scores.join(' | ')} |`);
    if (scores.every((score) => score >= AIM)) continue;
    missed = true;
    for (const { title, score, scoreDisplayMode, displayValue = '' } of Object.values(lhr.audits)) {
      if (score !== null && score < 0.9 && scoreDisplayMode !== 'informative') console.log(`  ${title}: ${displayValue}`);
    }
  }
  if (missed) throw new Error(`a view has less than ${AIM}`);
} finally {
  server.kill();
  chrome.kill();
}

/** What the server says that its address is. */
async function addressOf({ stdout }) {
  for await (const line of createInterface(stdout)) {
    const [address] = /http:\S+/.exec(line) ?? [];
    if (address) return address;
  }
  throw new Error('the server ended');
}
