/**
 * Lists cut into pieces that fit one statement and one transaction.
 *
 * SQLite takes at most 32,766 parameters in a statement and PostgreSQL 65,535. With 500
 * rows of up to 16 columns we stay at a quarter of the smaller one, and a transaction of
 * that size keeps the process from answering for some ten milliseconds at most.
 */
export const ROWS_PER_STATEMENT = 500;

export function chunks<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  const pieces: (readonly Item[])[] = [];
  for (let from = 0; from < items.length; from += ROWS_PER_STATEMENT) {
    pieces.push(items.slice(from, from + ROWS_PER_STATEMENT));
  }
  return pieces;
}
