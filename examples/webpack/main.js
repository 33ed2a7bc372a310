import 'tonearm/element';

document.querySelector('tone-arm').addEventListener('tonearm-prediction', ({ detail }) => {
  document.querySelector('output').textContent = detail.label ?? 'no sound';
});
