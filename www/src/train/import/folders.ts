/** A file, and the folders that it lies in, the outermost first. */
export interface PlacedFile {
  file: File;
  folders: string[];
}

/** Names of files that are audio, by their ending; other files of a folder are passed over. */
const AUDIO = /\.(aac|aif|aiff|flac|m4a|mp3|mp4|oga|ogg|opus|wav|weba|webm)$/i;

/** Whether a file is audio by its type or its ending. */
export function isAudio({ name, type }: File): boolean {
  return type.startsWith('audio/') || AUDIO.test(name);
}

/** The files that were chosen with a folder dialogue. */
export function chosenFiles(files: Iterable<File>): PlacedFile[] {
  return [...files].map((file) => ({ file, folders: file.webkitRelativePath.split('/').slice(0, -1) }));
}

/** The files of what was dropped, those in folders too. To be called while the event is handled. */
export async function droppedFiles(transfer: DataTransfer): Promise<PlacedFile[]> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  const files = [...transfer.files];
  if (entries.length === 0) return files.map((file) => ({ file, folders: [] }));
  return (await Promise.all(entries.map((entry) => filesIn(entry, []).catch(unreadable)))).flat();
}

async function filesIn(entry: FileSystemEntry, folders: string[]): Promise<PlacedFile[]> {
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
    return [{ file, folders }];
  }
  if (!isFolder(entry)) return [];
  const reader = entry.createReader();
  const inside: FileSystemEntry[] = [];
  // A reader gives about a hundred at a time, and nothing when it is done.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) break;
    inside.push(...some);
  }
  return (await Promise.all(inside.map((each) => filesIn(each, [...folders, entry.name]).catch(unreadable)))).flat();
}

/** What cannot be read is passed over, and the rest taken. */
function unreadable(): PlacedFile[] {
  return [];
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}

/** A file with what its place says. */
export interface SortedFile {
  file: File;
  /** The folder that it is an example of; null if it lies in none. */
  className: string | null;
  /** The folder between that and the file; null if there is none. */
  artist: string | null;
}

/**
 * Reads classes and artists from folders: of one folder with others in it, the inner ones are the
 * classes; of several, each is one. A folder in a class is an artist. They come in the order of their
 * names, since a browser gives them in any.
 */
export function sorted(files: PlacedFile[]): SortedFile[] {
  const outermost = new Set(files.map(({ folders }) => folders[0]));
  const nested = files.some(({ folders }) => folders.length > 1);
  const depth = outermost.size === 1 && nested ? 1 : 0;
  const pathOf = ({ file, folders }: PlacedFile) => [...folders, file.name].join('/');
  // What was meant by itself is heard, and refused if it is no sound.
  const meant = files.filter(({ file, folders }) => folders.length === 0 || isAudio(file));
  const inOrder = meant.sort((a, b) => pathOf(a).localeCompare(pathOf(b), 'en', { numeric: true }));
  return inOrder.map(({ file, folders }) => ({
    file,
    className: folders[depth] ?? null,
    artist: folders[depth + 1] ?? null,
  }));
}
