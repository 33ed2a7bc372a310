import '../shared/document-styles.js';
import './tonearm-page.js';
