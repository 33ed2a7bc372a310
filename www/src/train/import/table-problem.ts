import { texts } from '../../texts/texts.js';

type Problems = typeof texts.tableProblems;

/** Why a table cannot be used: the id of a text and its parameters, which a worker can send to the page. */
export type TableProblem = { [Id in keyof Problems]: [id: Id, ...parameters: Problems[Id] extends (...parameters: infer P) => string ? P : []] }[keyof Problems];

/** The problem as a sentence. */
export function problemText([id, ...parameters]: TableProblem): string {
  const text: string | ((...parameters: never[]) => string) = texts.tableProblems[id];
  return typeof text === 'string' ? text : text(...(parameters as never[]));
}
