import type { LitElement, ReactiveController } from 'lit';

/** Plays one file, and updates its host while the position changes. */
export class AudioPlayer implements ReactiveController {
  /** The player that was started last. */
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
      this.#audio.addEventListener(event, () => this.#update());
    }
  }

  /** The file to play. */
  set source(file: Blob | undefined) {
    if (file === this.#file) return;
    this.#release();
    this.#file = file;
    // An empty file cannot be played, and loading it logs an error to the console.
    if (file?.size) this.#audio.src = this.#url = URL.createObjectURL(file);
  }

  /** Whether the file is playing. */
  get playing(): boolean {
    return !this.#audio.paused && !this.#audio.ended;
  }

  /** Whether the file cannot be played, because of its format or the page's content security policy. */
  get failed(): boolean {
    return this.#url !== undefined && this.#audio.error !== null;
  }

  /** Whether the file can be played. */
  get ready(): boolean {
    return this.#url !== undefined && this.#audio.error === null;
  }

  /** Playback position, in seconds. */
  get position(): number {
    return this.#audio.currentTime;
  }

  /** Duration of the file, in seconds; 0 while it is unknown. */
  get length(): number {
    return Number.isFinite(this.#audio.duration) ? this.#audio.duration : 0;
  }

  /** Starts or pauses playback. Starting pauses every other player of the page. */
  toggle() {
    if (this.playing) return this.#audio.pause();
    AudioPlayer.#latest?.pause();
    AudioPlayer.#latest = this;
    // If the browser refuses to play, the button keeps its label “Play”.
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
    // A host that is moved within the page is connected again by then, and playback continues.
    queueMicrotask(() => this.#host.isConnected || this.#release());
  }

  /** Updates the host once, and at each frame while the file is playing. */
  #update = () => {
    cancelAnimationFrame(this.#frame);
    this.#host.requestUpdate();
    if (this.playing) this.#frame = requestAnimationFrame(this.#update);
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
