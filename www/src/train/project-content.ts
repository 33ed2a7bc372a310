

/** What a run calls the rows of a table: their numbers. */
export function rowIds({ labels }: TableRecord): string[] {
  return Array.from(labels, (_, index) => String(index + 1));
}

function rowsOf(table: TableRecord): Pick<ProjectContent, 'files' | 'table'> {
  const { columns, values, labels, groups } = table;
  const ids = rowIds(table);
  const files = Array.from(labels, (label, index) => ({
    name: ids[index] ?? '', class: label, artist: groups?.[index] ?? null, seconds: 0, features: null,
  }));
  return { files, table: { columns, values } };
}

function tableOf({ files, table }: ProjectContent): TableRecord | undefined {
  if (!table) return undefined;
  const groups = files.some(({ artist }) => artist !== null) ? files.map(({ artist }) => artist) : null;
  return { ...table, labels: Uint8Array.from(files, (file) => file.class), groups };
}
