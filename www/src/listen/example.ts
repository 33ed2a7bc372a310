import { wavOf } from '../shared/wav.js';

/** The example: a progression of four chords that repeats for half a minute. */
const EXAMPLE = { seconds: 30, sampleRate: 44_100, beatsPerMinute: 112 };

/** Root, third, fifth and seventh of A minor, F, C and G, in semitones above A2. */
const CHORDS = [[0, 3, 7, 10], [-4, 0, 3, 7], [3, 7, 10, 14], [-2, 2, 5, 8]];

const BEATS_PER_CHORD = 4;
const A2 = 110;

/** Renders the built-in example to a wav file. It is synthesised here, so no licence applies to it. */
export async function renderExample(): Promise<Blob> {
  const context = new OfflineAudioContext(2, EXAMPLE.seconds * EXAMPLE.sampleRate, EXAMPLE.sampleRate);
  const master = context.createDynamicsCompressor();
  master.connect(context.destination);
  const noise = whiteNoise(context);

  const beat = 60 / EXAMPLE.beatsPerMinute;
  for (let index = 0; index * beat < EXAMPLE.seconds; index++) {
    const at = index * beat;
    const chord = CHORDS[Math.floor(index / BEATS_PER_CHORD) % CHORDS.length] ?? [];
    const [root = 0] = chord;
    if (index % BEATS_PER_CHORD === 0) for (const note of chord) pad(context, master, at, note + 12, beat * BEATS_PER_CHORD);
    for (const half of [0, 0.5]) {
      bass(context, master, at + half * beat, root - 12, beat * 0.45);
      pluck(context, master, at + half * beat, (chord[(index * 2 + half * 2) % chord.length] ?? 0) + 24);
      burst(context, master, noise, at + half * beat, { type: 'highpass', frequency: 8_000, gain: 0.12, decay: 0.05 });
    }
    kick(context, master, at);
    if (index % 2 === 1) burst(context, master, noise, at, { type: 'bandpass', frequency: 1_800, gain: 0.5, decay: 0.18 });
  }
  const rendered = await context.startRendering();
  return wavOf({ channels: [rendered.getChannelData(0), rendered.getChannelData(1)], sampleRate: rendered.sampleRate });
}

function hertz(semitones: number): number {
  return A2 * 2 ** (semitones / 12);
}

/** A gain that rises to `peak` in 5 ms and falls to almost 0 by `decay` seconds after `at`. */
function envelope(context: BaseAudioContext, at: number, peak: number, decay: number): GainNode {
  const gain = context.createGain();
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(peak, at + 0.005);
  gain.gain.exponentialRampToValueAtTime(0.0005, at + decay);
  return gain;
}

function tone(context: BaseAudioContext, type: OscillatorType, frequency: number, at: number, seconds: number): OscillatorNode {
  const oscillator = context.createOscillator();
  oscillator.type = type;
  oscillator.frequency.setValueAtTime(frequency, at);
  oscillator.start(at);
  oscillator.stop(at + seconds);
  return oscillator;
}

function lowpass(context: BaseAudioContext, frequency: number): BiquadFilterNode {
  const filter = context.createBiquadFilter();
  filter.type = 'lowpass';
  filter.frequency.value = frequency;
  return filter;
}

function pad(context: BaseAudioContext, out: AudioNode, at: number, note: number, seconds: number) {
  const gain = envelope(context, at, 0.09, seconds);
  const filter = lowpass(context, 1_400);
  // Two slightly detuned sawtooth waves sound wider than one.
  for (const cents of [-7, 7]) {
    const saw = tone(context, 'sawtooth', hertz(note), at, seconds);
    saw.detune.value = cents;
    saw.connect(filter);
  }
  filter.connect(gain).connect(out);
}

function bass(context: BaseAudioContext, out: AudioNode, at: number, note: number, seconds: number) {
  tone(context, 'square', hertz(note), at, seconds)
    .connect(lowpass(context, 420))
    .connect(envelope(context, at, 0.4, seconds))
    .connect(out);
}

function pluck(context: BaseAudioContext, out: AudioNode, at: number, note: number) {
  tone(context, 'triangle', hertz(note), at, 0.4).connect(envelope(context, at, 0.16, 0.35)).connect(out);
}

function kick(context: BaseAudioContext, out: AudioNode, at: number) {
  const drum = tone(context, 'sine', 150, at, 0.3);
  drum.frequency.exponentialRampToValueAtTime(45, at + 0.12);
  drum.connect(envelope(context, at, 0.9, 0.28)).connect(out);
}

interface Burst {
  type: BiquadFilterType;
  frequency: number;
  gain: number;
  decay: number;
}

/** A burst of filtered noise, for a snare or a hi-hat. */
function burst(context: BaseAudioContext, out: AudioNode, noise: AudioBuffer, at: number, { type, frequency, gain, decay }: Burst) {
  const source = context.createBufferSource();
  source.buffer = noise;
  const filter = context.createBiquadFilter();
  filter.type = type;
  filter.frequency.value = frequency;
  source.connect(filter).connect(envelope(context, at, gain, decay)).connect(out);
  source.start(at, 0, decay);
}

/** A quarter of a second of white noise from a fixed seed. */
function whiteNoise(context: BaseAudioContext): AudioBuffer {
  const buffer = context.createBuffer(1, context.sampleRate / 4, context.sampleRate);
  const samples = buffer.getChannelData(0);
  let state = 1;
  for (let i = 0; i < samples.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    samples[i] = state / 2 ** 31 - 1;
  }
  return buffer;
}
