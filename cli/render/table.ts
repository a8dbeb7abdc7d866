export interface Column {
  title: string;
  /** Numbers stand to the right. Default left. */
  align?: 'left' | 'right';
}

/** Aligned columns with two blanks between them and no blanks at line ends. The first line is the titles. */
export function renderTable(columns: Column[], rows: string[][]): string[] {
  const widths = columns.map((column, index) => Math.max(column.title.length, ...rows.map((row) => (row[index] ?? '').length)));
  const line = (cells: string[]): string =>
    columns
      .map((column, index) => {
        const cell = cells[index] ?? '';
        return column.align === 'right' ? cell.padStart(widths[index]!) : cell.padEnd(widths[index]!);
      })
      .join('  ')
      .trimEnd();
  return [line(columns.map((column) => column.title)), ...rows.map(line)];
}
