/** Types of the drag data for items of the page. Browsers convert them to lower case. */
export const EXAMPLE = 'application/x-tonearm-example';
export const CLASS = 'application/x-tonearm-class';

/** Whether the drag carries data of this type. The data itself is readable only on drop. */
export function hasDragData({ dataTransfer }: DragEvent, type: string): boolean {
  return dataTransfer?.types.includes(type) ?? false;
}

/** Id of the dropped item, or an empty string if the drop has no data of this type. */
export function dragData({ dataTransfer }: DragEvent, type: string): string {
  return dataTransfer?.getData(type) ?? '';
}
