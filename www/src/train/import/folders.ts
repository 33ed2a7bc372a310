/** A file and the names of the folders that contain it, outermost first. */
export interface PlacedFile {
  file: File;
  folders: string[];
}

/** Names of audio files, by their extension. */
const AUDIO = /\.(aac|aif|aiff|flac|m4a|mp3|mp4|oga|ogg|opus|wav|weba|webm)$/i;

/** Whether a file is audio, judged by its type or its extension. */
function isAudio({ name, type }: File): boolean {
  return type.startsWith('audio/') || AUDIO.test(name);
}

/** The files that were chosen in a file or folder dialog. */
export function chosenFiles(files: Iterable<File>): PlacedFile[] {
  return [...files].map((file) => ({ file, folders: file.webkitRelativePath.split('/').slice(0, -1) }));
}

/** Dropped files, including those in folders. Must be called synchronously from the drop handler. */
export async function droppedFiles(transfer: DataTransfer): Promise<PlacedFile[]> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  const files = [...transfer.files];
  if (entries.length === 0) return files.map((file) => ({ file, folders: [] }));
  return (await Promise.all(entries.map((entry) => filesIn(entry, []).catch(skipUnreadable)))).flat();
}

async function filesIn(entry: FileSystemEntry, folders: string[]): Promise<PlacedFile[]> {
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
    return [{ file, folders }];
  }
  if (!isFolder(entry)) return [];
  const reader = entry.createReader();
  const entries: FileSystemEntry[] = [];
  // `readEntries` returns the entries in batches, and an empty batch at the end.
  for (;;) {
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (batch.length === 0) break;
    entries.push(...batch);
  }
  return (await Promise.all(entries.map((each) => filesIn(each, [...folders, entry.name]).catch(skipUnreadable)))).flat();
}

/** Skips an entry that cannot be read, so that the others are still added. */
function skipUnreadable(): PlacedFile[] {
  return [];
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}

/** A file with the class and the artist that its folders name. */
export interface SortedFile {
  file: File;
  /** Name of the class folder, or null if the file is in no folder. */
  className: string | null;
  /** Name of the folder inside the class folder, or null if there is none. */
  artist: string | null;
}

/**
 * Reads classes and artists from folders, and sorts the files by path, because browsers list them in no particular
 * order.
 *
 * The outermost folders are the classes. A single outermost folder with subfolders is the exception: there the
 * subfolders are the classes. A folder inside a class is an artist.
 */
export function sortIntoClasses(files: PlacedFile[]): SortedFile[] {
  const outermost = new Set(files.map(({ folders }) => folders[0]));
  const nested = files.some(({ folders }) => folders.length > 1);
  const depth = outermost.size === 1 && nested ? 1 : 0;
  const pathOf = ({ file, folders }: PlacedFile) => [...folders, file.name].join('/');
  // A file that was chosen on its own is kept even if it is not audio, so that the user sees an error.
  const relevant = files.filter(({ file, folders }) => folders.length === 0 || isAudio(file));
  const inOrder = relevant.sort((a, b) => pathOf(a).localeCompare(pathOf(b), 'en', { numeric: true }));
  return inOrder.map(({ file, folders }) => ({
    file,
    className: folders[depth] ?? null,
    artist: folders[depth + 1] ?? null,
  }));
}
