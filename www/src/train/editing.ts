import type { Change } from './changes.js';
import type { Desk } from './desk.js';
import type { SortedFile } from './folders.js';
import type { Offer } from './intake.js';
import { newClass } from './project-content.js';
import type { ExampleRecord, ProjectClass, ProjectRecord } from './records.js';
import { trainTexts } from './texts.js';

/** What becomes of the examples of a class that is taken out, and how they come back. */
interface Farewell {
  what: string;
  change: Change;
  back(removed: string[]): Change;
}

/** What is done to the classes of the open project, and to their examples. */
export class Editing {
  readonly #desk: Desk;

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  addClass(name: string) {
    return this.#desk.edit((project) => ({ project: { ...project, classes: [...project.classes, newClass(name)] } }));
  }

  renameClass(id: string, name: string) {
    return this.#desk.edit((project) => ({
      project: { ...project, classes: project.classes.map((each) => (each.id === id ? { ...each, name } : each)) },
    }));
  }

  /** Takes a class out with its examples. */
  removeClass(id: string) {
    return this.#takeOut(id, ({ name }, inside) => ({
      what: trainTexts.classRemoved(name),
      change: { remove: inside.map((example) => example.id) },
      back: (restore) => ({ restore }),
    }));
  }

  /** Moves all examples of one class to another, and takes the empty class out. */
  mergeClass(id: string, into: string) {
    const movedTo = (classId: string, examples: ExampleRecord[]) => examples.map((example) => ({ ...example, classId }));
    return this.#takeOut(id, ({ name }, inside) => ({
      what: trainTexts.classMerged(name, this.#desk.project?.classes.find((each) => each.id === into)?.name ?? ''),
      change: { examples: movedTo(into, inside) },
      // What has been removed meanwhile stays so.
      back: () => ({ examples: movedTo(id, this.#desk.examples.filter((now) => inside.some((example) => example.id === now.id))) }),
    }));
  }

  /** Puts a class in another place: the order of the classes is that of a classifier's answers. */
  placeClass(id: string, index: number) {
    return this.#place(id, index, ({ classes }) => classes, (classes, project) => ({ project: { ...project, classes } }));
  }

  /** Puts an example in another place among those of its class. */
  placeExample(id: string, index: number) {
    const classId = this.#desk.examples.find((example) => example.id === id)?.classId;
    const inside = () => this.#desk.examples.filter((example) => example.classId === classId);
    // Their places among all examples stay the same, and change hands.
    return this.#place(id, index, inside, (examples) => {
      const orders = inside().map(({ order }) => order);
      return { examples: examples.map((example, place) => ({ ...example, order: orders[place] ?? example.order })) };
    });
  }

  moveExample(id: string, classId: string) {
    return this.#desk.edit(() => ({
      examples: this.#desk.examples.filter((example) => example.id === id).map((example) => ({ ...example, classId })),
    }));
  }

  removeExample(id: string) {
    return this.#desk.inTurn(async () => {
      const name = this.#desk.examples.find((example) => example.id === id)?.name;
      const removed = await this.#desk.apply(() => ({ remove: [id] }));
      if (name === undefined || !removed) return;
      await this.#desk.offer({ what: trainTexts.exampleRemoved(name), removed, undo: () => this.#desk.edit(() => ({ restore: removed })) });
    });
  }

  /** Adds files: those in folders to classes of the folders' names, the others to `classId`. */
  async addFiles(files: SortedFile[], classId: string | null) {
    const names = new Set(files.map(({ className }) => className).filter((name) => name !== null));
    await this.#desk.edit((project) => {
      const there = new Set(project.classes.map(({ name }) => name));
      const added = [...names].filter((name) => !there.has(name)).map(newClass);
      return { project: { ...project, classes: [...project.classes, ...added] } };
    });
    const { project, elsewhere, intake } = this.#desk;
    if (!project || elsewhere) return;
    const offers = files.flatMap(({ file, className, artist }): Offer[] => {
      const own = className === null ? classId : project.classes.find(({ name }) => name === className)?.id;
      return own ? [{ name: file.name, classId: own, source: file, artist }] : [];
    });
    intake?.add(offers);
  }

  takeBack() {
    const { undo } = this.#desk;
    this.#desk.undo = null;
    return undo?.undo();
  }

  /** Puts one of several in another place, which can be taken back. */
  #place<T extends { id: string; name: string }>(
    id: string,
    index: number,
    several: (project: ProjectRecord) => T[],
    change: (several: T[], project: ProjectRecord) => Change,
  ) {
    const desk = this.#desk;
    const put = (place: number) =>
      desk.apply((project) => {
        const all = several(project);
        const one = all.find((each) => each.id === id);
        return change(one ? all.filter((each) => each !== one).toSpliced(place, 0, one) : all, project);
      });
    return desk.inTurn(async () => {
      const all = desk.project ? several(desk.project) : [];
      const from = all.findIndex((each) => each.id === id);
      const one = all[from];
      if (!one || from === index || !(await put(index))) return;
      await desk.offer({
        what: trainTexts.placed(one.name, index + 1, all.length),
        removed: [],
        undo: async () => void (await desk.inTurn(() => put(from))),
      });
    });
  }

  /** Takes a class out, and does with its examples what is asked for; all of it can be taken back. */
  #takeOut(id: string, farewell: (gone: ProjectClass, inside: ExampleRecord[]) => Farewell) {
    const desk = this.#desk;
    return desk.inTurn(async () => {
      const index = desk.project?.classes.findIndex((each) => each.id === id) ?? -1;
      const gone = desk.project?.classes[index];
      if (!gone) return;
      desk.intake?.drop(id);
      const { what, change, back } = farewell(gone, desk.examples.filter(({ classId }) => classId === id));
      const removed = await desk.apply((project) => ({ ...change, project: { ...project, classes: project.classes.toSpliced(index, 1) } }));
      if (!removed) return;
      const undo = () => desk.edit((project) => ({ ...back(removed), project: { ...project, classes: project.classes.toSpliced(index, 0, gone) } }));
      await desk.offer({ what, removed, undo });
    });
  }
}
