/**
 * Aligned tables for a terminal. A table wider than the terminal shortens its yielding
 * columns, never an id: ids are there to be copied. Without a terminal nothing is shortened,
 * so that `grep` finds what it looks for.
 */
import type { Style } from './style.ts';

export interface Column<Row> {
  readonly title: string;
  readonly text: (row: Row) => string;
  readonly align?: 'right';
  /** May be shortened, down to this many characters, when the table is too wide. */
  readonly yieldsTo?: number;
  readonly style?: (row: Row) => Style;
}

const GAP = '  ';
const NO_LIMIT = Number.POSITIVE_INFINITY;

export interface Paper {
  /** Characters in a line; null without a terminal. */
  readonly width: number | null;
  readonly paint: (style: Style, text: string) => string;
}

export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[], paper: Paper): string {
  const cells = rows.map((row) => columns.map((column) => column.text(row)));
  const widths = fittingWidths(columns, cells, paper.width ?? NO_LIMIT);
  const line = (texts: readonly string[], style: (index: number) => Style): string =>
    columns
      .map((column, index) => {
        const width = widths[index] ?? 0;
        const text = shortened(texts[index] ?? '', width);
        const isLast = index === columns.length - 1;
        const padded = column.align === 'right' ? text.padStart(width) : isLast ? text : text.padEnd(width);
        return paper.paint(style(index), padded);
      })
      .join(GAP)
      .trimEnd();
  const head = line(
    columns.map((column) => column.title),
    () => 'dim',
  );
  const body = rows.map((row, at) =>
    line(cells[at] ?? [], (index) => columns[index]?.style?.(row) ?? 'plain'),
  );
  return [head, ...body].join('\n');
}

function fittingWidths<Row>(
  columns: readonly Column<Row>[],
  cells: readonly (readonly string[])[],
  most: number,
): readonly number[] {
  const widths = columns.map((column, index) =>
    cells.reduce((width, row) => Math.max(width, row[index]?.length ?? 0), column.title.length),
  );
  let excess = widths.reduce((sum, width) => sum + width, 0) + GAP.length * (columns.length - 1) - most;
  for (const [index, column] of columns.entries()) {
    if (excess <= 0 || column.yieldsTo === undefined) continue;
    const width = widths[index] ?? 0;
    const less = Math.max(0, Math.min(excess, width - column.yieldsTo));
    widths[index] = width - less;
    excess -= less;
  }
  return widths;
}

export function shortened(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}
