/** Plays the example with this id, or stops it if it is playing. */
export type PlayExample = (exampleId: string) => void;

/** Plays one example at a time. */
export class PreviewPlayer {
  readonly #changed: () => void;
  #audio: HTMLAudioElement | undefined;
  #url = '';
  /** Id of the example that is playing, or null. */
  playingId: string | null = null;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Plays an example, or stops it if it is playing. */
  toggle(id: string, audio: Blob) {
    const same = this.playingId === id;
    this.stop();
    if (same) return;
    this.#url = URL.createObjectURL(audio);
    const player = (this.#audio = new Audio(this.#url));
    // `stop()` rejects a pending `play()`, by which time another example may be playing.
    const onStopped = () => {
      if (this.#audio === player) this.stop();
    };
    player.onended = onStopped;
    this.playingId = id;
    this.#changed();
    player.play().catch(onStopped);
  }

  stop() {
    if (this.playingId === null) return;
    this.#audio?.pause();
    URL.revokeObjectURL(this.#url);
    this.#audio = undefined;
    this.playingId = null;
    this.#changed();
  }
}
