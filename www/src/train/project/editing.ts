import type { Change } from '../store/changes.js';
import type { OpenProject } from './open-project.js';
import type { SortedFile } from '../import/folders.js';
import type { ImportItem } from '../import/import-queue.js';
import { type Placement, place } from './placement.js';
import { newClass } from './project-content.js';
import type { ExampleRecord, ProjectClass, ProjectRecord } from '../store/records.js';
import { texts } from '../../texts/texts.js';

/** How to remove a class: what happens to its examples, and how to undo that. */
interface ClassRemoval {
  message: string;
  /** Change of the examples. */
  change: Change;
  /** Change that undoes it, given the ids of the examples that were removed. */
  revert(removed: string[]): Change;
  /** Class that files in the import queue go to; without it they are dropped, and added again by undo. */
  queueTo?: string;
}

/** Edits the classes of the open project and their examples. */
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

  /** Removes a class and its examples. */
  removeClass(id: string) {
    return this.#removeClass(id, ({ name }, examples) => ({
      message: texts.train.classRemoved(name),
      change: { remove: examples.map((example) => example.id) },
      revert: (restore) => ({ restore }),
    }));
  }

  /** Moves all examples of a class to another one and removes the class. */
  mergeClass(id: string, into: string) {
    const movedTo = (classId: string, examples: ExampleRecord[]) => examples.map((example) => ({ ...example, classId }));
    return this.#removeClass(id, ({ name }, examples) => {
      const target = this.#openProject.project?.classes.find((each) => each.id === into);
      // The target may have been removed while this edit was queued.
      if (!target) return undefined;
      return {
        message: texts.train.classMerged(name, target.name),
        change: { examples: movedTo(into, examples) },
        // Examples that were removed after the merge stay removed.
        revert: () => ({ examples: movedTo(id, this.#openProject.examples.filter((now) => examples.some((example) => example.id === now.id))) }),
        queueTo: into,
      };
    });
  }

  /** Moves a class within the order of classes, which is also the order of a classifier's probabilities. */
  placeClass(id: string, placement: Placement) {
    return this.#place(id, placement, ({ classes }) => classes, (classes, project) => ({ project: { ...project, classes } }));
  }

  /** Moves an example within its class. */
  placeExample(id: string, placement: Placement) {
    const siblings = () => {
      const classId = this.#openProject.examples.find((example) => example.id === id)?.classId;
      return this.#openProject.examples.filter((example) => example.classId === classId);
    };
    // The examples of the class exchange their `order` values, so that their order among other examples stays the same.
    return this.#place(id, placement, siblings, (examples) => {
      const orders = siblings().map(({ order }) => order);
      return { examples: examples.map((example, index) => ({ ...example, order: orders[index] ?? example.order })) };
    });
  }

  /** Moves an example to another class. Does nothing if that class no longer exists. */
  moveExample(id: string, classId: string) {
    return this.#openProject.edit(({ classes }) => {
      if (!classes.some((each) => each.id === classId)) return {};
      return { examples: this.#openProject.examples.filter((example) => example.id === id).map((example) => ({ ...example, classId })) };
    });
  }

  removeExample(id: string) {
    return this.#openProject.enqueueForProject(async () => {
      const name = this.#openProject.examples.find((example) => example.id === id)?.name;
      const removed = await this.#openProject.apply(() => ({ remove: [id] }));
      if (name === undefined || !removed) return;
      await this.#openProject.offerUndo({ message: texts.train.exampleRemoved(name), removed, undo: () => this.#openProject.edit(() => ({ restore: removed })) });
    });
  }

  /** Adds files to the classes that their folders name, which are created if they do not exist, and all other files to `classId`. */
  addFiles(files: SortedFile[], classId: string | null) {
    return this.#openProject.enqueueForProject(async ({ table }) => {
      // A project with a table holds no audio files.
      if (table) return;
      const names = new Set(files.map(({ className }) => className).filter((name) => name !== null));
      const changed = await this.#openProject.apply((project) => {
        const existing = new Set(project.classes.map(({ name }) => name));
        const added = [...names].filter((name) => !existing.has(name)).map(newClass);
        return { project: { ...project, classes: [...project.classes, ...added] } };
      });
      const { project, importQueue } = this.#openProject;
      if (!changed || !project) return;
      const items = files.flatMap(({ file, className, artist }): ImportItem[] => {
        const own = className === null ? classId : project.classes.find(({ name }) => name === className)?.id;
        return own ? [{ name: file.name, classId: own, source: file, artist }] : [];
      });
      importQueue?.add(items);
    });
  }

  /** Undoes the latest edit. */
  undo() {
    const { undo } = this.#openProject;
    this.#openProject.undo = null;
    return undo?.undo();
  }

  /** Moves an item within a list and offers to undo that. `list` is called when the move is applied, and returns the list as it is then. */
  #place<T extends { id: string; name: string }>(
    id: string,
    placement: Placement,
    list: (project: ProjectRecord) => T[],
    change: (list: T[], project: ProjectRecord) => Change,
  ) {
    const openProject = this.#openProject;
    const apply = (placement: Placement) => openProject.apply((project) => change(place(list(project), id, placement), project));
    return openProject.enqueueForProject(async (project) => {
      const before = list(project);
      const after = place(before, id, placement);
      const index = after.findIndex((each) => each.id === id);
      const moved = after[index];
      if (!moved || after === before || !(await apply(placement))) return;
      const from = before.indexOf(moved);
      await openProject.offerUndo({
        message: texts.train.moved(moved.name, index + 1, after.length),
        removed: [],
        undo: async () => void (await openProject.enqueueForProject(() => apply({ index: from }))),
      });
    });
  }

  /** Removes a class as `plan` says and offers to undo that. Does nothing if `plan` returns undefined. */
  #removeClass(id: string, plan: (removedClass: ProjectClass, examples: ExampleRecord[]) => ClassRemoval | undefined) {
    const openProject = this.#openProject;
    return openProject.enqueueForProject(async () => {
      const index = openProject.project?.classes.findIndex((each) => each.id === id) ?? -1;
      const removedClass = openProject.project?.classes[index];
      if (!removedClass) return;
      const removal = plan(removedClass, openProject.examples.filter(({ classId }) => classId === id));
      if (!removal) return;
      const { message, change, revert, queueTo } = removal;
      const removed = await openProject.apply((project) => ({ ...change, project: { ...project, classes: project.classes.toSpliced(index, 1) } }));
      if (!removed) return;
      const { importQueue } = openProject;
      const waiting = queueTo ? [] : (importQueue?.takeWaiting(id) ?? []);
      if (queueTo) importQueue?.reassign(id, queueTo);
      const undo = async () => {
        await openProject.edit((project) => ({ ...revert(removed), project: { ...project, classes: project.classes.toSpliced(index, 0, removedClass) } }));
        // Another project may have been opened meanwhile.
        if (openProject.importQueue === importQueue) importQueue?.add(waiting);
      };
      await openProject.offerUndo({ message, removed, undo });
    });
  }
}
