import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { type IncomingMessage, type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { PACKAGE, SITE } from '../paths.js';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

/** A web server of one test. */
export interface RunningServer {
  /** Address of the site, with a slash at its end. */
  url: string;
  /** Paths asked for so far. */
  requests: string[];
  /** More to answer with, by path. */
  offered: Map<string, { body: Uint8Array; type: string }>;
  close(): Promise<void>;
}

/** The content security policy that a page of the site states itself. */
export function pagePolicy(page = 'index.html'): string {
  const html = readFileSync(path.join(SITE, page), 'utf8');
  const policy = /http-equiv="Content-Security-Policy"\s+content="([^"]+)"/.exec(html)?.[1];
  if (!policy) throw new Error('the built page states no content security policy');
  return policy;
}

/** What lets pages of any origin, and of none, have the files. */
const SHARED = { 'access-control-allow-origin': '*', 'cross-origin-resource-policy': 'cross-origin' };

/** Serves the built site below `base`, with each page's policy as a header too, which a worker needs. */
export function serveSite(base = '/'): Promise<RunningServer> {
  const policies = new Map(['index.html', 'embed.html', '404.html'].map((page) => [page, pagePolicy(page)]));
  const policyOf = (name: string) => policies.get(name) ?? policies.get('index.html')!;
  return serve(base, (request) => {
    const asked = decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname);
    const name = asked.startsWith(base) ? asked.slice(base.length) || 'index.html' : '';
    const isThere = statSync(path.join(SITE, name), { throwIfNoEntry: false })?.isFile();
    const found = isThere ? name : '404.html';
    return { file: path.join(SITE, found), status: isThere ? 200 : 404, headers: { ...SHARED, 'content-security-policy': policyOf(found) } };
  });
}

/** Serves the package to pages of any origin. */
export function servePackage(): Promise<RunningServer> {
  return serveFolder(PACKAGE, SHARED);
}

/** Serves a folder. */
export function serveFolder(folder: string, headers: Record<string, string> = {}): Promise<RunningServer> {
  return serve('/', (request) => {
    const { pathname } = new URL(request.url ?? '/', 'http://x');
    return { file: path.join(folder, pathname === '/' ? 'index.html' : decodeURIComponent(pathname)), headers };
  });
}

/** Serves one page, whatever is asked for. */
export function servePage(html: string, policy: string): Promise<RunningServer> {
  const headers = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy };
  return serve('/', () => ({ body: html, headers }));
}

/** Another site, which answers anything: to anybody, or to its own pages alone. */
export function serveOffSite({ toAnybody = true } = {}): Promise<RunningServer> {
  return serve('/', () => ({ body: 'here', headers: toAnybody ? { 'access-control-allow-origin': '*' } : {} }));
}

/** A file, or else a text. */
interface Answer {
  file?: string;
  body?: string;
  /** Default: 200. */
  status?: number;
  headers: Record<string, string>;
}

async function serve(base: string, answer: (request: IncomingMessage) => Answer): Promise<RunningServer> {
  const requests: string[] = [];
  const offered: RunningServer['offered'] = new Map();
  const server: Server = createServer((request, response) => {
    requests.push(request.url ?? '');
    const more = offered.get(request.url ?? '');
    if (more) return response.writeHead(200, { 'content-type': more.type, 'content-length': more.body.length }).end(more.body);
    const { file, body, status = 200, headers } = answer(request);
    response.statusCode = status;
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    if (file === undefined) return response.end(body);
    if (!existsSync(file)) return response.writeHead(404).end();
    response.setHeader('content-length', statSync(file).size);
    response.setHeader('content-type', TYPES[path.extname(file)] ?? 'application/octet-stream');
    return createReadStream(file).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${encodeURI(base)}`,
    requests,
    offered,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
