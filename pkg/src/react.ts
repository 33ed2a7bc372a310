/**
 * The `<tone-arm>` element, with types for JSX in React.
 *
 * @module tonearm/react
 */
import type { DetailedHTMLProps, HTMLAttributes } from 'react';
import type { ToneArm, ToneArmEvents } from './element/tone-arm.js';

export * from './element/tone-arm.js';

/** Props of the tag in JSX: the element's properties, and its events as React names those of custom elements. */
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
