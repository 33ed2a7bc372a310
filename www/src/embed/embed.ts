import '../shared/document-styles.js';
import 'tonearm/element';
import { texts } from '../texts/texts.js';

/** Parameters that are passed on as attributes of the element, which validates them itself. */
const PLAIN_PARAMETERS = ['network', 'backend', 'top-k', 'timeline', 'spectrogram', 'player', 'autorun', 'preload', 'theme'];

/** Parameters that hold addresses. */
const ADDRESS_PARAMETERS = ['src', 'weights'];

/** Hosts on the visitor's own machine, where sites are developed without https. The content security policy of embed.html lists the same. */
const LOCAL_HOSTS = ['localhost', '127.0.0.1'];

/** Whether this page may fetch an address that any other site can put into its parameters. */
function isAllowed(address: string): boolean {
  if (!URL.canParse(address, location.href)) return false;
  const { protocol, origin, hostname } = new URL(address, location.href);
  return ['https:', 'blob:'].includes(protocol) || (protocol === 'http:' && (origin === location.origin || LOCAL_HOSTS.includes(hostname)));
}

/** Creates the element that the parameters describe, or an error message if an address is not allowed. */
function embedded(parameters: URLSearchParams): HTMLElement {
  const rejected = ADDRESS_PARAMETERS.find((name) => parameters.has(name) && !isAllowed(parameters.get(name)!));
  if (rejected) {
    const message = document.createElement('p');
    message.role = 'alert';
    message.textContent = texts.embed.addressNotAllowed(rejected);
    return message;
  }
  const element = document.createElement('tone-arm');
  for (const name of [...ADDRESS_PARAMETERS, ...PLAIN_PARAMETERS]) {
    const value = parameters.get(name);
    if (value !== null) element.setAttribute(name, value);
  }
  return element;
}

const parameters = new URLSearchParams(location.search);
// `page.css` reads the theme from the root element.
document.documentElement.dataset.theme = parameters.get('theme') ?? '';
document.querySelector('main')!.append(embedded(parameters));

/** Tells the page around the iframe how high the content is, so that it can size the iframe. The height reveals nothing, so any page may know it. */
function reportHeight() {
  const height = Math.ceil(document.body.getBoundingClientRect().height);
  parent.postMessage({ type: 'tonearm-resize', height }, '*');
}

if (parent !== self) new ResizeObserver(reportHeight).observe(document.body);
