import './tonearm-page.js';
