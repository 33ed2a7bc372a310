import { expect, test } from '@playwright/test';
import { sortIntoClasses } from '../../../../www/src/train/import/folders.js';

/** Files with these paths. */
function placed(...paths: string[]) {
  return paths.map((path) => {
    const folders = path.split('/');
    const name = folders.pop() ?? '';
    return { file: new File(['x'], name), folders };
  });
}

/** Class, artist and name of each sorted file, as a line of text. */
function lines(...paths: string[]): string[] {
  return sortIntoClasses(placed(...paths)).map(({ file, className, artist }) => [className, artist, file.name].join(' | '));
}

test('the subfolders of a single folder are classes', () => {
  expect(lines('music/rock/2.mp3', 'music/folk/1.mp3')).toEqual(['folk |  | 1.mp3', 'rock |  | 2.mp3']);
});

test('several folders are classes', () => {
  expect(lines('rock/2.mp3', 'folk/1.mp3')).toEqual(['folk |  | 1.mp3', 'rock |  | 2.mp3']);
});

test('a single folder without subfolders is a class', () => {
  expect(lines('rock/10.mp3', 'rock/9.mp3')).toEqual(['rock |  | 9.mp3', 'rock |  | 10.mp3']);
});

test('a folder inside a class is an artist', () => {
  expect(lines('music/rock/Ada/1.mp3', 'music/folk/1.mp3')).toEqual(['folk |  | 1.mp3', 'rock | Ada | 1.mp3']);
});

test('files in folders that are not audio are ignored', () => {
  expect(lines('music/rock/cover.jpg', 'music/rock/1.flac', 'music/.DS_Store')).toEqual(['rock |  | 1.flac']);
});

test('files outside folders have no class', () => {
  expect(lines('1.mp3')).toEqual([' |  | 1.mp3']);
});
