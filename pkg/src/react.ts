/**
 * The element, and its tag for the JSX of React.
 *
 * @module tonearm/react
 */
import type { DetailedHTMLProps, HTMLAttributes } from 'react';
import type { ToneArm, ToneArmEvents } from './element/tone-arm.js';

export * from './element/tone-arm.js';

/** What the tag takes in JSX: the element's properties, and listeners as React has them for elements that are not its own. */
export type ToneArmProps = DetailedHTMLProps<HTMLAttributes<ToneArm>, ToneArm> &
  Partial<
    Pick<
      ToneArm,
      | 'src' | 'network' | 'weights' | 'assets' | 'topK' | 'backend' | 'timeline' | 'spectrogram' | 'player' | 'autorun' | 'preload' | 'disabled' | 'theme'
    >
  > & { [Type in keyof ToneArmEvents as `on${Type}`]?: (event: ToneArmEvents[Type]) => void };

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      'tone-arm': ToneArmProps;
    }
  }
}
