import type { Change } from '../store/changes.js';
import type { OpenProject } from './open-project.js';
import type { SortedFile } from '../import/folders.js';
import type { ImportItem } from '../import/import-queue.js';
import { type Placement, place } from './placement.js';
import { newClass } from './project-content.js';
import type { ExampleRecord, ProjectClass, ProjectRecord } from '../store/records.js';
import { trainTexts } from '../texts.js';

/** What becomes of the examples of a class that is taken out, and how they come back. */
interface Farewell {
  what: string;
  change: Change;
  back(removed: string[]): Change;
}

/** What is done to the classes of the open project, and to their examples. */
export class Editing {
  readonly #openProject: OpenProject;

  constructor(openProject: OpenProject) {
    this.#openProject = openProject;
  }

  addClass(name: string) {
    return this.#openProject.edit((project) => ({ project: { ...project, classes: [...project.classes, newClass(name)] } }));
  }

  renameClass(id: string, name: string) {
    return this.#openProject.edit((project) => ({
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

  /** Moves all examples of one class to another, and removes the empty class. */
  mergeClass(id: string, into: string) {
    const movedTo = (classId: string, examples: ExampleRecord[]) => examples.map((example) => ({ ...example, classId }));
    return this.#takeOut(id, ({ name }, inside) => {
      const target = this.#openProject.project?.classes.find((each) => each.id === into);
      // Examples of a class that does not exist would be lost.
      if (!target) return undefined;
      return {
        what: trainTexts.classMerged(name, target.name),
        change: { examples: movedTo(into, inside) },
        // Examples that were removed in the meantime stay removed.
        back: () => ({ examples: movedTo(id, this.#openProject.examples.filter((now) => inside.some((example) => example.id === now.id))) }),
      };
    });
  }

  /** Moves a class in the order of classes, which is that of a classifier's probabilities. */
  placeClass(id: string, placement: Placement) {
    return this.#place(id, placement, ({ classes }) => classes, (classes, project) => ({ project: { ...project, classes } }));
  }

  /** Moves an example among those of its class. */
  placeExample(id: string, placement: Placement) {
    const inside = () => {
      const classId = this.#openProject.examples.find((example) => example.id === id)?.classId;
      return this.#openProject.examples.filter((example) => example.classId === classId);
    };
    // The numbers that order them among all examples stay the same and are dealt out anew.
    return this.#place(id, placement, inside, (examples) => {
      const orders = inside().map(({ order }) => order);
      return { examples: examples.map((example, index) => ({ ...example, order: orders[index] ?? example.order })) };
    });
  }

  /** Moves an example to another class; it stays where it is if that class no longer exists. */
  moveExample(id: string, classId: string) {
    return this.#openProject.edit(({ classes }) => {
      if (!classes.some((each) => each.id === classId)) return {};
      return { examples: this.#openProject.examples.filter((example) => example.id === id).map((example) => ({ ...example, classId })) };
    });
  }

  removeExample(id: string) {
    return this.#openProject.onProject(async () => {
      const name = this.#openProject.examples.find((example) => example.id === id)?.name;
      const removed = await this.#openProject.apply(() => ({ remove: [id] }));
      if (name === undefined || !removed) return;
      await this.#openProject.offer({ what: trainTexts.exampleRemoved(name), removed, undo: () => this.#openProject.edit(() => ({ restore: removed })) });
    });
  }

  /** Adds files to the classes named after their folders, which are created where needed, and other files to `classId`. */
  addFiles(files: SortedFile[], classId: string | null) {
    return this.#openProject.onProject(async () => {
      const names = new Set(files.map(({ className }) => className).filter((name) => name !== null));
      const changed = await this.#openProject.apply((project) => {
        const existing = new Set(project.classes.map(({ name }) => name));
        const added = [...names].filter((name) => !existing.has(name)).map(newClass);
        return { project: { ...project, classes: [...project.classes, ...added] } };
      });
      const { project, imports } = this.#openProject;
      if (!changed || !project || project.table) return;
      const items = files.flatMap(({ file, className, artist }): ImportItem[] => {
        const own = className === null ? classId : project.classes.find(({ name }) => name === className)?.id;
        return own ? [{ name: file.name, classId: own, source: file, artist }] : [];
      });
      imports?.add(items);
    });
  }

  takeBack() {
    const { undo } = this.#openProject;
    this.#openProject.undo = null;
    return undo?.undo();
  }

  /** Moves one of several items, and items to undo it. Where it goes is computed from the list as it is then. */
  #place<T extends { id: string; name: string }>(
    id: string,
    placement: Placement,
    several: (project: ProjectRecord) => T[],
    change: (several: T[], project: ProjectRecord) => Change,
  ) {
    const openProject = this.#openProject;
    const put = (where: Placement) => openProject.apply((project) => change(place(several(project), id, where), project));
    return openProject.onProject(async (project) => {
      const before = several(project);
      const after = place(before, id, placement);
      const index = after.findIndex((each) => each.id === id);
      const moved = after[index];
      if (!moved || after === before || !(await put(placement))) return;
      const from = before.indexOf(moved);
      await openProject.offer({
        what: trainTexts.placed(moved.name, index + 1, after.length),
        removed: [],
        undo: async () => void (await openProject.onProject(() => put({ index: from }))),
      });
    });
  }

  /** Removes a class and applies `farewell` to its examples, and items to undo both; nothing is done if it returns undefined. */
  #takeOut(id: string, farewell: (gone: ProjectClass, inside: ExampleRecord[]) => Farewell | undefined) {
    const openProject = this.#openProject;
    return openProject.onProject(async () => {
      const index = openProject.project?.classes.findIndex((each) => each.id === id) ?? -1;
      const gone = openProject.project?.classes[index];
      if (!gone) return;
      const plan = farewell(gone, openProject.examples.filter(({ classId }) => classId === id));
      if (!plan) return;
      const { what, change, back } = plan;
      const removed = await openProject.apply((project) => ({ ...change, project: { ...project, classes: project.classes.toSpliced(index, 1) } }));
      if (!removed) return;
      openProject.imports?.drop(id);
      const undo = () => openProject.edit((project) => ({ ...back(removed), project: { ...project, classes: project.classes.toSpliced(index, 0, gone) } }));
      await openProject.offer({ what, removed, undo });
    });
  }
}
