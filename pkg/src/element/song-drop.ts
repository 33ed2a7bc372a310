import type { LitElement } from 'lit';

/** Takes a song that is dropped on an element, while it is open to one. */
export class SongDrop {
  readonly #host: LitElement;
  readonly #isOpen: () => boolean;
  readonly #take: (song: File) => void;
  #over = false;

  constructor(host: LitElement, isOpen: () => boolean, take: (song: File) => void) {
    this.#host = host;
    this.#isOpen = isOpen;
    this.#take = take;
    host.addEventListener('dragover', this.#onDragOver);
    host.addEventListener('dragleave', this.#onDragLeave);
    host.addEventListener('drop', this.#onDrop);
  }

  /** Whether a file is held over the element. */
  get over(): boolean {
    return this.#over;
  }

  #setOver(over: boolean) {
    if (over === this.#over) return;
    this.#over = over;
    this.#host.requestUpdate();
  }

  /** Text, for instance, is the page's own affair. */
  #takes({ dataTransfer }: DragEvent): boolean {
    return this.#isOpen() && dataTransfer !== null && dataTransfer.types.includes('Files');
  }

  #onDragOver = (event: DragEvent) => {
    if (!this.#takes(event)) return;
    event.preventDefault();
    this.#setOver(true);
  };

  #onDragLeave = (event: DragEvent) => {
    // Leaving one element for another inside it does not count.
    if (!this.#host.contains(event.relatedTarget as Node | null)) this.#setOver(false);
  };

  #onDrop = (event: DragEvent) => {
    this.#setOver(false);
    if (!this.#takes(event)) return;
    event.preventDefault();
    const song = event.dataTransfer?.files[0];
    if (song) this.#take(song);
  };
}
