import type { LitElement } from 'lit';

/** Accepts files that are dropped on an element. */
export class SongDrop {
  readonly #host: LitElement;
  readonly #isEnabled: () => boolean;
  readonly #onSong: (song: File) => void;
  #draggedOver = false;

  /**
   * @param isEnabled - Whether a song can be dropped now.
   * @param onSong - Called with the dropped song.
   */
  constructor(host: LitElement, isEnabled: () => boolean, onSong: (song: File) => void) {
    this.#host = host;
    this.#isEnabled = isEnabled;
    this.#onSong = onSong;
    host.addEventListener('dragover', this.#onDragOver);
    host.addEventListener('dragleave', this.#onDragLeave);
    host.addEventListener('drop', this.#onDrop);
  }

  /** Whether a file is dragged over the element. */
  get draggedOver(): boolean {
    return this.#draggedOver;
  }

  #setDraggedOver(draggedOver: boolean) {
    if (draggedOver === this.#draggedOver) return;
    this.#draggedOver = draggedOver;
    this.#host.requestUpdate();
  }

  /** Only files are accepted; the page can handle other drags, such as text. */
  #accepts({ dataTransfer }: DragEvent): boolean {
    return this.#isEnabled() && dataTransfer !== null && dataTransfer.types.includes('Files');
  }

  #onDragOver = (event: DragEvent) => {
    if (!this.#accepts(event)) return;
    event.preventDefault();
    this.#setDraggedOver(true);
  };

  #onDragLeave = (event: DragEvent) => {
    // The event also fires when the pointer moves between elements inside the host.
    if (!this.#host.contains(event.relatedTarget as Node | null)) this.#setDraggedOver(false);
  };

  #onDrop = (event: DragEvent) => {
    this.#setDraggedOver(false);
    if (!this.#accepts(event)) return;
    event.preventDefault();
    const song = event.dataTransfer?.files[0];
    if (song) this.#onSong(song);
  };
}
