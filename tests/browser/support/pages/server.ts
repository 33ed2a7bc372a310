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

/** A web server for one test. */
export interface RunningServer {
  /** URL of the site, with a trailing slash. */
  url: string;
  /** Paths of all requests. */
  requests: string[];
  /** Additional files, by path. */
  offered: Map<string, { body: Uint8Array; type: string }>;
  close(): Promise<void>;
}

/** The content security policy in the `<meta>` element of a built page. */
export function pagePolicy(page = 'index.html'): string {
  const html = readFileSync(path.join(SITE, page), 'utf8');
  const policy = /http-equiv="Content-Security-Policy"\s+content="([^"]+)"/.exec(html)?.[1];
  if (!policy) throw new Error(`${page} has no content security policy`);
  return policy;
}

/** Headers that allow pages of any origin to load the files. */
const CROSS_ORIGIN = { 'access-control-allow-origin': '*', 'cross-origin-resource-policy': 'cross-origin' };

/** Serves the built site under `base`. Sends the policy of each page as a header too, since workers obey only the header. */
export function serveSite(base = '/'): Promise<RunningServer> {
  const policies = new Map(['index.html', 'embed.html', '404.html'].map((page) => [page, pagePolicy(page)]));
  const policyOf = (name: string) => policies.get(name) ?? policies.get('index.html')!;
  return serve(base, (request) => {
    const pathname = decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname);
    const name = pathname.startsWith(base) ? pathname.slice(base.length) || 'index.html' : '';
    const exists = statSync(path.join(SITE, name), { throwIfNoEntry: false })?.isFile();
    const served = exists ? name : '404.html';
    return { file: path.join(SITE, served), status: exists ? 200 : 404, headers: { ...CROSS_ORIGIN, 'content-security-policy': policyOf(served) } };
  });
}

/** Serves the package to pages of any origin. */
export function servePackage(): Promise<RunningServer> {
  return serveFolder(PACKAGE, CROSS_ORIGIN);
}

/** Serves a folder. */
export function serveFolder(folder: string, headers: Record<string, string> = {}): Promise<RunningServer> {
  return serve('/', (request) => {
    const { pathname } = new URL(request.url ?? '/', 'http://x');
    return { file: path.join(folder, pathname === '/' ? 'index.html' : decodeURIComponent(pathname)), headers };
  });
}

/** Serves one page at every path. */
export function servePage(html: string, policy: string): Promise<RunningServer> {
  const headers = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy };
  return serve('/', () => ({ body: html, headers }));
}

/** Serves another site with the same text at every path, readable by all origins or only by its own. */
export function serveOffSite({ allowCors = true } = {}): Promise<RunningServer> {
  return serve('/', () => ({ body: 'here', headers: allowCors ? { 'access-control-allow-origin': '*' } : {} }));
}

/** A response with a file, or with a text. */
interface ServerResponse {
  file?: string;
  body?: string;
  /** Default: 200. */
  status?: number;
  headers: Record<string, string>;
}

async function serve(base: string, respond: (request: IncomingMessage) => ServerResponse): Promise<RunningServer> {
  const requests: string[] = [];
  const offered: RunningServer['offered'] = new Map();
  const server: Server = createServer((request, response) => {
    requests.push(request.url ?? '');
    const additional = offered.get(request.url ?? '');
    if (additional) return response.writeHead(200, { 'content-type': additional.type, 'content-length': additional.body.length }).end(additional.body);
    const { file, body, status = 200, headers } = respond(request);
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
