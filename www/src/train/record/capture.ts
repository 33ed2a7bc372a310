import { Stalled, startWithDeadline, unlessAborted } from 'tonearm';
import worklet from './capture-worklet.ts?worker&url';
import { trainTexts } from '../texts.js';

/** Where sound is recorded from. */
export type SoundSource = 'microphone' | 'tab';

/** A source that is open. */
export interface Capture {
  /** In Hz. */
  readonly sampleRate: number;
  /** Lets go of the source. */
  close(): void;
}

/** What comes out of a source: blocks of mono samples, and that it ended by itself. */
export interface CaptureEvents {
  block(samples: Float32Array<ArrayBuffer>): void;
  ended(): void;
}

/** Why nothing can be recorded, as a sentence with what to do. */
export class CaptureError extends Error {}

/** The sound as it is: what helps a call would change what is learned from. */
const RAW = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };

/** Whether the browser can ask for the sound of a tab. */
export function canShareTab(): boolean {
  return typeof navigator.mediaDevices.getDisplayMedia === 'function';
}

/**
 * Opens a source, which asks the visitor.
 *
 * # Errors
 * A {@link CaptureError} where there is no sound to be had; the signal's reason when it aborts,
 * and then nothing stays open.
 */
export async function openCapture(source: SoundSource, events: CaptureEvents, signal: AbortSignal): Promise<Capture> {
  const stream = await streamOf(source);
  let context: AudioContext | undefined;
  const close = () => {
    for (const track of stream.getTracks()) track.stop();
    if (context && context.state !== 'closed') void context.close();
  };
  try {
    signal.throwIfAborted();
    context = new AudioContext();
    const [track] = stream.getAudioTracks();
    if (!track) throw new CaptureError(trainTexts.record.troubles.noTabSound);
    await unlessAborted(startWithDeadline(worklet, context.audioWorklet.addModule(worklet)), signal);
    await unlessAborted(context.resume(), signal);
    signal.throwIfAborted();
    const node = new AudioWorkletNode(context, 'capture', { numberOfInputs: 1, numberOfOutputs: 1 });
    node.port.onmessage = ({ data }: MessageEvent<Float32Array<ArrayBuffer>>) => events.block(data);
    // What it puts out is silence; connected, every browser keeps it going.
    context.createMediaStreamSource(new MediaStream([track])).connect(node).connect(context.destination);
    track.onended = () => events.ended();
    return {
      sampleRate: context.sampleRate,
      close: () => {
        node.port.onmessage = track.onended = null;
        close();
      },
    };
  } catch (thrown) {
    close();
    throw thrown instanceof Stalled ? new CaptureError(trainTexts.stalled) : thrown;
  }
}

async function streamOf(source: SoundSource): Promise<MediaStream> {
  const { troubles } = trainTexts.record;
  try {
    if (source === 'microphone') return await navigator.mediaDevices.getUserMedia({ audio: RAW });
    // Without a picture no browser shares a tab.
    return await navigator.mediaDevices.getDisplayMedia({ audio: RAW, video: true });
  } catch (thrown) {
    if (source === 'tab') throw new CaptureError(troubles.notShared);
    const name = thrown instanceof DOMException ? thrown.name : '';
    if (name === 'NotAllowedError') throw new CaptureError(troubles.notAllowed);
    if (name === 'NotFoundError') throw new CaptureError(troubles.noMicrophone);
    throw new CaptureError(troubles.failed);
  }
}
