import { LitElement, css, html } from 'lit';
import { customElement } from 'lit/decorators.js';
import './model-card.js';
import { focusRing, viewHeading } from '../shared/shared-styles.js';
import { texts } from '../texts/texts.js';

/** Addresses of Listen with each choice of backend. */
const CHOICES = [
  ['cpu', './?backend=cpu#listen'],
  ['webgpu', './?backend=webgpu#listen'],
  ['auto', './#listen'],
] as const;

/** `<about-view>`: explains how the page works, what data it was trained on and where its limits are. */
@customElement('about-view')
export class AboutView extends LitElement {
  static override styles = [
    focusRing,
    viewHeading,
    css`
      :host { display: block; max-inline-size: 68ch; }
      h2 { font-size: var(--_text-heading); letter-spacing: -0.01em; margin: var(--_space-10) 0 var(--_space-2); }
      p, li { margin: 0 0 var(--_space-3); }
      ol, ul { padding-inline-start: var(--_space-6); }
      a { color: var(--_accent); }
      .lead { font-size: var(--_text-lead); }
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
        ${CHOICES.map(([backend, address]) => html`<li><a href=${address}>${about.backend.choices[backend]}</a></li>`)}
      </ul>
      <h2>${about.card.title}</h2>
      <p>${about.card.text}</p>
      <model-card></model-card>
    `;
  }
}
