import { percent } from 'tonearm/page';
import type { FilePrediction, Metrics, ProjectFile } from 'tonearm/project';
import { texts } from '../../texts/texts.js';

/** Number of files below which an accuracy is unreliable. */
const MIN_FILES = 20;

/** Number of files of a class below which its metrics are unreliable. */
export const MIN_FILES_PER_CLASS = 3;

/** Number of files from which a tenth of a per cent is significant. */
const DECIMAL_FILES = 1000;

/** The most probable class and its probability. */
export interface TopPrediction {
  predicted: number;
  confidence: number;
}

/** A wrong prediction. `file`, `truth` and `predicted` are indices of a file, its class and the predicted class. */
export interface Mistake extends TopPrediction {
  file: number;
  truth: number;
}

/** Returns the most probable class. */
export function topPrediction({ probabilities }: FilePrediction): TopPrediction {
  const confidence = Math.max(...probabilities);
  return { predicted: probabilities.indexOf(confidence), confidence };
}

/** Wrong predictions, most confident first, at most `limit`. */
export function worstMistakes(predictions: FilePrediction[], files: ProjectFile[], limit = 10): Mistake[] {
  return predictions
    .flatMap((prediction) => {
      const truth = files[prediction.file]?.class;
      const top = topPrediction(prediction);
      return truth === undefined || top.predicted === truth ? [] : [{ file: prediction.file, truth, ...top }];
    })
    .sort((a, b) => b.confidence - a.confidence || a.file - b.file)
    .slice(0, limit);
}

/** Indices of the files of one true class with one predicted class, most confident first. */
export function filesOfCell(predictions: FilePrediction[], files: ProjectFile[], truth: number, predicted: number): number[] {
  return predictions
    .filter((each) => files[each.file]?.class === truth && topPrediction(each).predicted === predicted)
    .sort((a, b) => topPrediction(b).confidence - topPrediction(a).confidence || a.file - b.file)
    .map(({ file }) => file);
}

/** A fraction of `n` files as a percentage, with a decimal if `n` is large enough. */
export function percentOfFiles(fraction: number, n: number): string {
  return percent(fraction, n < DECIMAL_FILES ? 0 : 1);
}

/** Warnings about metrics that rest on too few files, overall or of single classes. */
export function sampleSizeWarnings({ n, perClass }: Pick<Metrics, 'n' | 'perClass'>): string[] {
  if (n === 0) return [texts.report.scores.nothing];
  const few = perClass.filter((each) => each.n < MIN_FILES_PER_CLASS);
  return [
    ...(n < MIN_FILES ? [texts.report.scores.fewFiles(n)] : []),
    ...(few.length > 0 ? [texts.report.scores.fewOfClass(few)] : []),
  ];
}
