import { expect, test } from '@playwright/test';
import { sorted } from '../../../../www/src/train/import/folders.js';

/** Files by their paths. */
function placed(...paths: string[]) {
  return paths.map((path) => {
    const folders = path.split('/');
    const name = folders.pop() ?? '';
    return { file: new File(['x'], name), folders };
  });
}

/** What was made of them, in one line each. */
function lines(...paths: string[]): string[] {
  return sorted(placed(...paths)).map(({ file, className, artist }) => [className, artist, file.name].join(' | '));
}

test('of one folder with others in it, the inner ones are the classes', () => {
  expect(lines('music/rock/2.mp3', 'music/folk/1.mp3')).toEqual(['folk |  | 1.mp3', 'rock |  | 2.mp3']);
});

test('of several folders, each is a class', () => {
  expect(lines('rock/2.mp3', 'folk/1.mp3')).toEqual(['folk |  | 1.mp3', 'rock |  | 2.mp3']);
});

test('one folder without others in it is a class', () => {
  expect(lines('rock/10.mp3', 'rock/9.mp3')).toEqual(['rock |  | 9.mp3', 'rock |  | 10.mp3']);
});

test('a folder in a class is an artist', () => {
  expect(lines('music/rock/Ada/1.mp3', 'music/folk/1.mp3')).toEqual(['folk |  | 1.mp3', 'rock | Ada | 1.mp3']);
});

test('files that are no audio are passed over', () => {
  expect(lines('music/rock/cover.jpg', 'music/rock/1.flac', 'music/.DS_Store')).toEqual(['rock |  | 1.flac']);
});

test('files in no folder have no class', () => {
  expect(lines('1.mp3')).toEqual([' |  | 1.mp3']);
});
