import { LitElement, css, html } from 'lit';
import { customElement } from 'lit/decorators.js';
import './model-card.js';
import { focusRing } from '../shared/shared-styles.js';
import { texts } from '../page/texts.js';

/** `<about-view>`: what the page is, how it comes to its answers, and what it cannot do. */
@customElement('about-view')
export class AboutView extends LitElement {
  static override styles = [
    focusRing,
    css`
      :host { display: block; max-inline-size: 68ch; }
      h1 { font-size: clamp(28px, 5vw, 40px); line-height: 1.2; letter-spacing: -0.02em; margin: 24px 0 16px; }
      h2 { font-size: 20px; letter-spacing: -0.01em; margin: 40px 0 8px; }
      p, li { margin: 0 0 12px; }
      ol, ul { padding-inline-start: 24px; }
      a { color: var(--accent); }
      .lead { font-size: 18px; }
    `,
  ];

  protected override render() {
    const { about } = texts;
    return html`
      <h1>${about.title}</h1>
      <p class="lead">${about.lead}</p>
      <h2>${about.how.title}</h2>
      <ol>${about.how.steps.map((step) => html`<li>${step}</li>`)}</ol>
      ${about.sections.map(({ title, paragraphs }) => html`<h2>${title}</h2>${paragraphs.map((text) => html`<p>${text}</p>`)}`)}
      <h2>${about.backend.title}</h2>
      <p>${about.backend.text}</p>
      <ul>
        ${about.backend.links.map(({ address, label }) => html`<li><a href=${address}>${label}</a></li>`)}
      </ul>
      <h2>${about.card.title}</h2>
      <p>${about.card.text}</p>
      <model-card></model-card>
    `;
  }
}
