import { readFileSync } from 'node:fs';
import type { Locator, Page } from '@playwright/test';
import { type RunningServer, serveSite } from './server.js';
import { expect, test as base } from './tonearm.js';

/** A page of another site that embeds the element. */
export class HostPage {
  /** All requests of the page, as `GET https://…`. */
  readonly requests: string[] = [];

  constructor(
    readonly page: Page,
    readonly server: RunningServer,
  ) {
    page.on('request', (request) => this.requests.push(`${request.method()} ${request.url()}`));
  }

  /** Opens the page. `root` are attributes of its root element, `head` is added to its head. */
  async open(body: string, { root = '', head = '' } = {}) {
    const html = `<!doctype html>
      <html lang="en" ${root}>
        <head>
          <meta name="viewport" content="width=device-width, initial-scale=1"><title>Host page</title>
          <script type="module" src="tone-arm.js"></script>${head}
        </head>
        <body><main><h1>A page</h1>${body}</main></body>
      </html>`;
    await this.show(html);
    await this.page.evaluate(() => customElements.whenDefined('tone-arm').then(() => undefined));
  }

  /** Opens a page with exactly this HTML. */
  async show(html: string) {
    this.server.offered.set('/host.html', { body: Buffer.from(html), type: 'text/html; charset=utf-8' });
    await this.page.goto(`${this.server.url}host.html`);
  }

  /** Serves bytes, or a local file, under a name. */
  offer(name: string, content: string | Uint8Array) {
    const body = typeof content === 'string' ? readFileSync(content) : content;
    this.server.offered.set(`/${name}`, { body, type: name.endsWith('.js') ? 'text/javascript' : 'application/octet-stream' });
  }

  get arm(): Locator {
    return this.page.locator('tone-arm').first();
  }

  /** Sets properties of the element and returns the error that it fires. */
  errorOf(properties: { src?: string; weights?: string }): Promise<{ code: string; message: string; advice: string }> {
    return this.arm.evaluate(
      (arm, properties) =>
        new Promise((resolve) => {
          const onError = ({ detail: { code, message, advice } }: CustomEvent) => resolve({ code, message, advice });
          addEventListener('tonearm-error', (event) => onError(event as CustomEvent), { once: true });
          Object.assign(arm, properties);
        }),
      properties,
    );
  }

  async reaches(state: string, arm = this.arm) {
    await expect(arm).toHaveAttribute('state', state, { timeout: 60_000 });
  }

  /** Methods of the requests for modules and weights, in order. */
  get heavy(): string[] {
    return this.requests.filter((request) => /\.(wasm|bpk)$/.test(request)).map((request) => request.split(' ')[0]!);
  }
}

export const test = base.extend<{ host: HostPage }>({
  host: async ({ page }, use) => {
    const server = await serveSite();
    await use(new HostPage(page, server));
    await server.close();
  },
});

export { expect };
