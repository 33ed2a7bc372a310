import 'tonearm/element';
import { texts } from '../page/texts.js';

/** Parameters that are attributes of the element, which checks them itself. */
const PLAIN = ['network', 'backend', 'top-k', 'timeline', 'spectrogram', 'player', 'autorun', 'preload', 'theme'];

/** Parameters that are addresses. */
const ADDRESSES = ['src', 'weights'];

/** Whether a page of anybody may have this one fetch it. */
function isAllowed(address: string): boolean {
  if (!URL.canParse(address, location.href)) return false;
  const { protocol, origin } = new URL(address, location.href);
  return ['https:', 'blob:'].includes(protocol) || (protocol === 'http:' && origin === location.origin);
}

/** The element that the parameters describe, or why there is none. */
function embedded(parameters: URLSearchParams): HTMLElement {
  const refused = ADDRESSES.find((name) => parameters.has(name) && !isAllowed(parameters.get(name)!));
  if (refused) {
    const reason = document.createElement('p');
    reason.role = 'alert';
    reason.textContent = texts.embed.refused(refused);
    return reason;
  }
  const element = document.createElement('tone-arm');
  for (const name of [...ADDRESSES, ...PLAIN]) {
    const value = parameters.get(name);
    if (value !== null) element.setAttribute(name, value);
  }
  return element;
}

const parameters = new URLSearchParams(location.search);
// The page around the element has its colours.
document.documentElement.dataset.theme = parameters.get('theme') ?? '';
document.querySelector('main')!.append(embedded(parameters));
