import { Stalled, startWithDeadline, unlessAborted } from 'tonearm/page';
import worklet from './capture-worklet.ts?worker&url';
import { texts } from '../../texts/texts.js';

/** Source of a recording. */
export type SoundSource = 'microphone' | 'tab';

/** An open source. */
export interface Capture {
  /** Sample rate in Hz. */
  readonly sampleRate: number;
  /** Releases the source. */
  close(): void;
}

/** Receives the sound of a source. */
export interface CaptureEvents {
  /** Called with each block of mono samples. */
  block(samples: Float32Array<ArrayBuffer>): void;
  /** Called when the source ends on its own, as when a microphone is unplugged. */
  ended(): void;
}

/** Thrown if recording is not possible. The message is shown to the user and says what to do. */
export class CaptureError extends Error {}

/** Turns off the processing for voice calls, which would change the sound. */
const RAW = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };

/** Whether the browser can record the audio of a tab. */
export function canShareTab(): boolean {
  return typeof navigator.mediaDevices.getDisplayMedia === 'function';
}

/**
 * Asks the user for permission and opens a source. If this fails or is aborted, nothing stays open.
 *
 * @throws {CaptureError} if the source cannot be recorded.
 * @throws The signal's reason if it is aborted.
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
    if (!track) throw new CaptureError(texts.train.record.errors.noTabAudio);
    await unlessAborted(startWithDeadline(worklet, context.audioWorklet.addModule(worklet)), signal);
    await unlessAborted(context.resume(), signal);
    signal.throwIfAborted();
    const node = new AudioWorkletNode(context, 'capture', { numberOfInputs: 1, numberOfOutputs: 1 });
    node.port.onmessage = ({ data }: MessageEvent<Float32Array<ArrayBuffer>>) => events.block(data);
    // The node outputs silence. Browsers may stop nodes that are not connected to the destination.
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
    throw thrown instanceof Stalled ? new CaptureError(texts.train.stalled) : thrown;
  }
}

async function streamOf(source: SoundSource): Promise<MediaStream> {
  const { errors } = texts.train.record;
  try {
    if (source === 'microphone') return await navigator.mediaDevices.getUserMedia({ audio: RAW });
    // Browsers share a tab only together with its video.
    return await navigator.mediaDevices.getDisplayMedia({ audio: RAW, video: true });
  } catch (thrown) {
    if (source === 'tab') throw new CaptureError(errors.notShared);
    const name = thrown instanceof DOMException ? thrown.name : '';
    if (name === 'NotAllowedError') throw new CaptureError(errors.notAllowed);
    if (name === 'NotFoundError') throw new CaptureError(errors.noMicrophone);
    throw new CaptureError(errors.failed);
  }
}
