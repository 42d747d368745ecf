/**
 * An answer with one long list, written some entries at a time with room for others in between:
 * put into words at once, 10,000 runs would keep a start waiting for longer than their forecast
 * ever does.
 *
 * Always true: together the parts are the very JSON of the whole; each entry goes past the
 * schema as the rest does.
 */
import { Readable } from 'node:stream';
import { setImmediate as afterOthers } from 'node:timers/promises';
import type { z } from 'zod';

/** About two milliseconds, the first time. */
const ENTRIES_PER_PART = 250;

export interface LongAnswer {
  /** Of the whole, and of the list alone. */
  readonly schema: z.ZodType;
  readonly listSchema: z.ZodType;
  readonly view: Readonly<Record<string, unknown>>;
  /** The key of the long list; nothing that comes before it has a list of that name. */
  readonly list: string;
}

export function longAnswer(answer: LongAnswer): Readable {
  return Readable.from(partsOf(answer), { objectMode: false });
}

async function* partsOf({ schema, listSchema, view, list }: LongAnswer): AsyncGenerator<string, void> {
  const entries = view[list] as readonly unknown[];
  const text = (some: readonly unknown[]): string => JSON.stringify(schema.parse({ ...view, [list]: some }));
  const ofList = (some: readonly unknown[]): string => JSON.stringify(listSchema.parse(some)).slice(1, -1);
  // Within a string the quotes would be escaped, so this is the list, or one of that name within something else.
  const empty = `"${list}":[]`;
  const whole = text([]);
  const at = whole.indexOf(empty) + empty.length - 1;
  yield whole.slice(0, at);
  for (let from = 0; from < entries.length; from += ENTRIES_PER_PART) {
    if (from > 0) await afterOthers();
    yield `${from > 0 ? ',' : ''}${ofList(entries.slice(from, from + ENTRIES_PER_PART))}`;
  }
  yield whole.slice(at);
}
