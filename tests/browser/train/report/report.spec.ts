import { expect, test } from '@playwright/test';
import type { FilePrediction, ProjectFile } from 'tonearm/project';
import { sampleSizeWarnings, filesOfCell, percentOfFiles, topPrediction, worstMistakes } from '../../../../www/src/train/report/predictions.js';
import { fallbackText } from '../../../../www/src/train/run/training.js';
import { mapPoints, nearestPoint, pointByKey } from '../../../../www/src/train/report/map-points.js';

/** Files with these class indices. */
function filesOf(...classes: number[]): ProjectFile[] {
  return classes.map((label, i) => ({ name: `${i}.mp3`, class: label, artist: null, seconds: 60 }));
}

/** Predictions for consecutive files with two classes. */
function predictionsOf(...predictions: [predicted: number, confidence: number][]): FilePrediction[] {
  return predictions.map(([predicted, confidence], file) => ({ file, probabilities: predicted === 0 ? [confidence, 1 - confidence] : [1 - confidence, confidence] }));
}

/** Metrics of classes with these numbers of files. */
function classesOf(...counts: number[]) {
  return counts.map((n, i) => ({ label: `Class ${i}`, n, precision: 1, recall: 1, f1: 1 }));
}

const files = filesOf(0, 0, 1, 1, 1);
const predictions = predictionsOf([0, 0.9], [1, 0.6], [0, 0.95], [0, 0.7], [1, 0.8]);

test('the top prediction is the most probable class', () => {
  expect(topPrediction({ file: 0, probabilities: [0.2, 0.5, 0.3] })).toEqual({ predicted: 1, confidence: 0.5 });
});

test('the most confident mistakes come first, and correct predictions are left out', () => {
  expect(worstMistakes(predictions, files)).toEqual([
    { file: 2, truth: 1, predicted: 0, confidence: 0.95 },
    { file: 3, truth: 1, predicted: 0, confidence: 0.7 },
    { file: 1, truth: 0, predicted: 1, confidence: 0.6 },
  ]);
  expect(worstMistakes(predictions, files, 1).map(({ file }) => file)).toEqual([2]);
});

test('a prediction for a missing file is not a mistake', () => {
  expect(worstMistakes(predictions, files.slice(0, 2)).map(({ file }) => file)).toEqual([1]);
});

test('the files of a cell of the confusion matrix are sorted by confidence', () => {
  expect(filesOfCell(predictions, files, 1, 0)).toEqual([2, 3]);
  expect(filesOfCell(predictions, files, 0, 0)).toEqual([0]);
  expect(filesOfCell(predictions, filesOf(0), 1, 1)).toEqual([]);
});

test('tenths of a per cent are shown only from 1000 files on', () => {
  expect([percentOfFiles(0.7777, 27), percentOfFiles(0.7777, 999), percentOfFiles(0.7777, 1000)]).toEqual(['78\u00a0%', '78\u00a0%', '77.8\u00a0%']);
});

test('metrics of few files have a warning', () => {
  expect(sampleSizeWarnings({ n: 40, perClass: classesOf(20, 20) })).toEqual([]);
  expect(sampleSizeWarnings({ n: 20, perClass: classesOf(18, 2) })).toEqual(['Too few files to judge these classes: Class 1 (2).']);
  expect(sampleSizeWarnings({ n: 10, perClass: classesOf(5, 5) })).toEqual([
    'Only 10 files tested, too few for a reliable score: one more or less correct changes it by 10 points.',
  ]);
  expect(sampleSizeWarnings({ n: 0, perClass: classesOf(0, 0) })).toEqual(['There are no validation files, so nothing was measured.']);
});

const coordinates: [number, number][] = [[0, 0], [10, 5], [5, 5], [10, 0], [99, 99]];

test('the points of the map are sorted by class and fill the unit square', () => {
  const points = mapPoints({ coordinates, train: [3, 0], validation: [1, 2] }, filesOf(1, 0, 1, 0, 0));
  expect(points).toEqual([
    { file: 1, class: 0, isValidation: true, x: 1, y: 0.25 },
    { file: 3, class: 0, isValidation: false, x: 1, y: 0.75 },
    { file: 0, class: 1, isValidation: false, x: 0, y: 0.75 },
    { file: 2, class: 1, isValidation: true, x: 0.5, y: 0.25 },
  ]);
});

test('with cross-validation, every file is on the map once, as a validation file', () => {
  const points = mapPoints({ coordinates, train: [0, 1, 2], validation: [0, 1, 2] }, filesOf(0, 0, 0));
  expect(points.map(({ file, isValidation }) => [file, isValidation])).toEqual([[0, true], [1, true], [2, true]]);
});

test('files with equal coordinates are in the middle of the map', () => {
  const points = mapPoints({ coordinates: [[3, 3], [3, 3]], train: [0, 1], validation: [] }, filesOf(0, 1));
  expect(points.map(({ x, y }) => [x, y])).toEqual([[0.5, 0.5], [0.5, 0.5]]);
});

test('the nearest point is found only within the maximum distance', () => {
  const points = mapPoints({ coordinates, train: [0, 1, 2], validation: [] }, filesOf(0, 0, 0));
  expect(nearestPoint(points, 0.9, 0.3)?.file).toBe(1);
  expect(nearestPoint(points, 0.9, 0.9, 0.05)).toBeUndefined();
  expect(nearestPoint(points, 1, 0.25, Infinity, points[1])?.file).toBe(2);
});

test('arrow keys move to the next file, page keys to the next class', () => {
  const points = mapPoints({ coordinates, train: [0, 1, 2, 3], validation: [] }, filesOf(0, 0, 1, 1));
  const from = (current: number, ...keys: string[]) => keys.map((key) => pointByKey(points, current, key));
  expect(from(1, 'ArrowRight', 'ArrowLeft', 'Home', 'End', 'PageDown', 'PageUp')).toEqual([2, 0, 0, 3, 2, 0]);
  expect(from(3, 'ArrowDown', 'PageDown', 'PageUp')).toEqual([3, 2, 0]);
  expect(from(0, 'ArrowUp', 'Tab')).toEqual([0, undefined]);
});

test('why a run used the CPU is stored as a code, and sentences of earlier versions are still shown', () => {
  expect(fallbackText({ code: 'gpu-absent', detail: '' })).toBe('No GPU available; training on the CPU.');
  expect(fallbackText({ code: 'gpu-failed', detail: 'out of memory' })).toBe('The GPU failed (out of memory); training continues on the CPU.');
  expect(fallbackText('No GPU was found.')).toBe('No GPU was found.');
});
