// All that `node.ts` takes of Node: its whole types would change those of the browser's globals.
declare module 'node:fs/promises' {
  export function readFile(path: string | URL): Promise<Uint8Array<ArrayBuffer>>;
}
