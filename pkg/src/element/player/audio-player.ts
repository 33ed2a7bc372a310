import type { LitElement, ReactiveController } from 'lit';

/** Plays one file and says where it stands. It is silent until told to play. */
export class AudioPlayer implements ReactiveController {
  /** What was told to play last. */
  static #latest: AudioPlayer | undefined;
  readonly #host: LitElement;
  readonly #audio = new Audio();
  #file: Blob | undefined;
  #url: string | undefined;
  #frame = 0;

  constructor(host: LitElement) {
    this.#host = host;
    host.addController(this);
    this.#audio.preload = 'metadata';
    for (const event of ['play', 'pause', 'ended', 'seeked', 'durationchange', 'error']) {
      this.#audio.addEventListener(event, () => this.#tick());
    }
  }

  /** The file to play. */
  set source(file: Blob | undefined) {
    if (file === this.#file) return;
    this.#release();
    this.#file = file;
    // An empty file has nothing to play, and asking for it is an error in the console.
    if (file?.size) this.#audio.src = this.#url = URL.createObjectURL(file);
  }

  get playing(): boolean {
    return !this.#audio.paused && !this.#audio.ended;
  }

  /** Whether there is a file that cannot be played: of a kind that the browser does not play, or by the page's policy. */
  get failed(): boolean {
    return this.#url !== undefined && this.#audio.error !== null;
  }

  /** Whether the browser can play the file. */
  get ready(): boolean {
    return this.#url !== undefined && this.#audio.error === null;
  }

  /** In seconds. */
  get position(): number {
    return this.#audio.currentTime;
  }

  /** In seconds; 0 while it is not known. */
  get length(): number {
    return Number.isFinite(this.#audio.duration) ? this.#audio.duration : 0;
  }

  toggle() {
    if (this.playing) return this.#audio.pause();
    // One at a time in the page.
    AudioPlayer.#latest?.pause();
    AudioPlayer.#latest = this;
    // A refusal shows as a button that stays on "play".
    void this.#audio.play().catch(() => this.#host.requestUpdate());
  }

  pause() {
    this.#audio.pause();
  }

  seek(seconds: number) {
    this.#audio.currentTime = seconds;
    this.#host.requestUpdate();
  }

  hostDisconnected() {
    // Where the host only moves, the music goes on.
    queueMicrotask(() => this.#host.isConnected || this.#release());
  }

  /** Updates the host at each frame while the music plays, and once at each change. */
  #tick = () => {
    cancelAnimationFrame(this.#frame);
    this.#host.requestUpdate();
    if (this.playing) this.#frame = requestAnimationFrame(this.#tick);
  };

  #release() {
    if (AudioPlayer.#latest === this) AudioPlayer.#latest = undefined;
    cancelAnimationFrame(this.#frame);
    this.#audio.removeAttribute('src');
    this.#audio.load();
    if (this.#url) URL.revokeObjectURL(this.#url);
    this.#file = this.#url = undefined;
  }
}
