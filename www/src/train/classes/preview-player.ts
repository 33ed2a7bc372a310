/** Plays one example at a time. */
export class PreviewPlayer {
  readonly #changed: () => void;
  #audio: HTMLAudioElement | undefined;
  #url = '';
  /** Which is heard; null while none is. */
  id: string | null = null;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Plays an example, or stops it if it is the one that plays. */
  toggle(id: string, audio: Blob) {
    const same = this.id === id;
    this.stop();
    if (same) return;
    this.#url = URL.createObjectURL(audio);
    const player = (this.#audio = new Audio(this.#url));
    // Another example may play by then: `stop` makes a pending `play()` of this one reject.
    const stopped = () => {
      if (this.#audio === player) this.stop();
    };
    player.onended = stopped;
    this.id = id;
    this.#changed();
    // The browser has decoded it once; if it will not play it now, it is shown as stopped.
    player.play().catch(stopped);
  }

  stop() {
    if (this.id === null) return;
    this.#audio?.pause();
    URL.revokeObjectURL(this.#url);
    this.#audio = undefined;
    this.id = null;
    this.#changed();
  }
}
