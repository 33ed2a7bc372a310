// The only Node API that `node.ts` uses. Including all of Node's types would change the types of the browser's globals.
declare module 'node:fs/promises' {
  export function readFile(path: string | URL): Promise<Uint8Array<ArrayBuffer>>;
}
