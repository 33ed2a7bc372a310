import { html } from 'lit';

/** Kind of file that a dialog lets the user choose. */
export type FileKind = 'zip' | 'csv' | 'folder';

/** Opens a file dialog. */
export type OpenFileDialog = (kind: FileKind) => void;

/** Hidden inputs, whose class is the kind of file that they let the user choose. */
export function fileInputs(onFiles: (kind: FileKind, files: File[]) => void) {
  const onChange = (kind: FileKind) => (event: Event) => onFiles(kind, takeFiles(event.target as HTMLInputElement));
  return html`
    <input class="zip hidden" type="file" accept=".zip,application/zip" @change=${onChange('zip')} />
    <input class="csv hidden" type="file" accept=".csv,text/csv" @change=${onChange('csv')} />
    <input class="folder hidden" type="file" webkitdirectory @change=${onChange('folder')} />
  `;
}

/** Returns the chosen files and clears the input, so that the same file can be chosen again. */
export function takeFiles(input: HTMLInputElement): File[] {
  const files = [...(input.files ?? [])];
  input.value = '';
  return files;
}
