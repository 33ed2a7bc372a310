import { useState } from 'react';
import { createRoot } from 'react-dom/client';
import 'tonearm/react';

function App() {
  const [label, setLabel] = useState('');
  return (
    <>
      <tone-arm ontonearm-prediction={({ detail }) => setLabel(detail.label ?? 'no sound')} />
      <p>
        Last prediction: <output>{label}</output>
      </p>
    </>
  );
}

createRoot(document.getElementById('app')!).render(<App />);
