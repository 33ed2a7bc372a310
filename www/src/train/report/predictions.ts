import type { FileAnswer, Metrics, ProjectFile } from 'tonearm/project';
import { seeingTexts } from './report-texts.js';

/** Files below which a share of them says little. */
export const FEW_FILES = 20;

/** Files of one class below which its figures say little. */
export const FEW_OF_CLASS = 3;

/** Files from which a tenth of a per cent is more than chance. */
const MANY_FILES = 1000;

/** The class that an answer names, and how sure it is of it, in 0..1. */
export interface Top {
  answer: number;
  confidence: number;
}

/** A file that was taken for something else. */
export interface Mistake extends Top {
  file: number;
  truth: number;
}

/** The likeliest class. */
export function topOf({ probabilities }: FileAnswer): Top {
  const confidence = Math.max(...probabilities);
  return { answer: probabilities.indexOf(confidence), confidence };
}

/** Wrong answers, the most confident first, at most `most`. */
export function worstMistakes(answers: FileAnswer[], files: ProjectFile[], most = 10): Mistake[] {
  return answers
    .flatMap((answer) => {
      const truth = files[answer.file]?.class;
      const top = topOf(answer);
      return truth === undefined || top.answer === truth ? [] : [{ file: answer.file, truth, ...top }];
    })
    .sort((a, b) => b.confidence - a.confidence || a.file - b.file)
    .slice(0, most);
}

/** Places of the files of one true class that were given one answer, the surest first. */
export function filesOfCell(answers: FileAnswer[], files: ProjectFile[], truth: number, answer: number): number[] {
  return answers
    .filter((each) => files[each.file]?.class === truth && topOf(each).answer === answer)
    .sort((a, b) => topOf(b).confidence - topOf(a).confidence || a.file - b.file)
    .map(({ file }) => file);
}

/** A share of `n` files in per cent; a tenth only where there are enough of them. */
export function percent(share: number, n: number): string {
  return seeingTexts.percent(share, n < MANY_FILES ? 0 : 1);
}

/** What is to be said beside figures of too few files: of all of them, and of single classes. */
export function doubts({ n, per_class }: Pick<Metrics, 'n' | 'per_class'>): string[] {
  if (n === 0) return [seeingTexts.scores.nothing];
  const few = per_class.filter((each) => each.n < FEW_OF_CLASS);
  return [
    ...(n < FEW_FILES ? [seeingTexts.scores.fewFiles(n)] : []),
    ...(few.length > 0 ? [seeingTexts.scores.fewOfClass(few)] : []),
  ];
}
