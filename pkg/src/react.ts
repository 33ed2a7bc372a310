/**
 * The element, and its tag for the JSX of React.
 *
 * @module tonearm/react
 */
import type { DetailedHTMLProps, HTMLAttributes } from 'react';
import type { ToneArm, ToneArmEvents } from './tone-arm.js';

export * from './tone-arm.js';

/** Properties of the element that JSX may set. */
type Settable =
  | 'src' | 'network' | 'weights' | 'assets' | 'topK' | 'backend' | 'timeline' | 'spectrogram' | 'player' | 'autorun' | 'preload' | 'disabled' | 'theme';

/** Listeners as React has them for elements that are not its own. */
type Listeners = { [Type in keyof ToneArmEvents as `on${Type}`]?: (event: ToneArmEvents[Type]) => void };

/** What the tag takes in JSX. */
export type ToneArmProps = DetailedHTMLProps<HTMLAttributes<ToneArm>, ToneArm> & Partial<Pick<ToneArm, Settable>> & Listeners;

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      'tone-arm': ToneArmProps;
    }
  }
}
