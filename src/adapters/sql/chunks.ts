/**
 * Long lists cut into pieces that fit one statement.
 *
 * SQLite takes at most 32,766 parameters in a statement and PostgreSQL 65,535; 500 rows of
 * up to 16 columns stay at a quarter of the smaller one. SQLite works in our own thread, so
 * between two pieces the process is let do other things: a list of any length keeps it from
 * answering for some ten milliseconds at most.
 */
import { setImmediate as afterOthers } from 'node:timers/promises';

const ROWS_PER_STATEMENT = 500;

export async function inChunks<Item>(
  items: readonly Item[],
  work: (chunk: readonly Item[]) => Promise<unknown>,
): Promise<void> {
  for (let from = 0; from < items.length; from += ROWS_PER_STATEMENT) {
    if (from > 0) await afterOthers();
    await work(items.slice(from, from + ROWS_PER_STATEMENT));
  }
}
