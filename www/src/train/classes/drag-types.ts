/** What is dragged within the page, as the type of what is carried; browsers keep no capitals in it. */
export const EXAMPLE = 'application/x-tonearm-example';
export const CLASS = 'application/x-tonearm-class';

/** Whether something of this type is dragged; what it is comes out only when it is dropped. */
export function hasDragData({ dataTransfer }: DragEvent, type: string): boolean {
  return dataTransfer?.types.includes(type) ?? false;
}

/** The id of what is dropped; empty if it is of another type. */
export function dragData({ dataTransfer }: DragEvent, type: string): string {
  return dataTransfer?.getData(type) ?? '';
}
