/**
 * Parts of schemas that several documents have: names, numbers, lengths of time, mappings.
 *
 * A message says what the value must be and begins with "must"; which file, line and key it
 * is about, and what stands there, is added in `problem-text.ts`.
 */
import { z } from 'zod';
import { DURATION_HINT, durationText, parseDuration } from './duration.ts';
import { nearest } from './nearest.ts';

/** Of a pool: what it has, and what a run asks for. */
export const UNITS_MAX = 1_000_000;
const ENTRIES_MAX = 10_000;

export function wholeNumber(least: number, most: number) {
  const error = `must be a whole number from ${least} to ${most}`;
  return z.int({ error }).min(least, { error }).max(most, { error });
}

export function duration(leastMs: number, mostMs: number) {
  const range = `from ${durationText(leastMs)} to ${durationText(mostMs)}`;
  return z.unknown().transform((value, context) => {
    const ms = typeof value === 'string' ? parseDuration(value) : null;
    if (ms !== null && ms >= leastMs && ms <= mostMs) return ms;
    const hint = typeof value === 'number' ? ` (write ${value}s if you mean seconds)` : '';
    context.addIssue({ code: 'custom', message: `must be ${DURATION_HINT}, ${range}${hint}` });
    return z.NEVER;
  });
}

export const yesNo = z.boolean({ error: 'must be true or false' });

export function oneOf<const Values extends readonly [string, ...string[]]>(values: Values) {
  return z.enum(values, {
    error: ({ input }) => {
      const meant = typeof input === 'string' ? nearest(input, values) : null;
      return `must be one of ${values.join(', ')}${meant === null ? '' : `; did you mean "${meant}"?`}`;
    },
  });
}

export function text(what: string, mostLength = Number.POSITIVE_INFINITY) {
  const error = `must be ${what}`;
  return z
    .string({ error })
    .min(1, { error })
    .refine((value) => !value.includes('\0') && value.length <= mostLength, { error });
}

/** Of pools, tenants, projects and priorities. */
const NAME_ALLOWED =
  'must be a name of at most 200 letters, digits, ".", "_", "-" and "/" that begins and ends with a letter or digit';
export const name = z
  .string({ error: NAME_ALLOWED })
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,198}[A-Za-z0-9])?$/, { error: NAME_ALLOWED });

export function named<Value extends z.ZodType>(value: Value, what = 'a mapping from names to settings') {
  return z
    .record(name, value, { error: ({ code }) => (code === 'invalid_key' ? NAME_ALLOWED : `must be ${what}`) })
    .refine((entries) => Object.keys(entries).length <= ENTRIES_MAX, {
      error: `must have at most ${ENTRIES_MAX} entries`,
    });
}

/** A mapping with these keys and no others; each other key is a problem of its own. `reader` is who refuses them. */
export function mapping<Shape extends z.ZodRawShape>(shape: Shape, reader = 'Penstock') {
  const keys = Object.keys(shape);
  return z.looseObject(shape, { error: `must be a mapping with the keys ${keys.join(', ')}` }).check(
    evenIfWrong((value, complain) => {
      for (const key of Object.keys(value))
        if (!keys.includes(key)) complain([key], unknownKey(key, keys, reader));
    }),
  );
}

function unknownKey(key: string, keys: readonly string[], reader: string): string {
  const meant = nearest(key, keys);
  const hint = meant === null ? `; known keys are ${keys.join(', ')}` : `; did you mean "${meant}"?`;
  return `is not a key that ${reader} knows${hint}`;
}

export type Complain = (path: (string | number)[], message: string) => void;

/**
 * A check of a mapping as a whole that also runs when some of its values are wrong, so that
 * nobody has to mend a file in rounds. It must not trust the types of what it gets.
 */
export function evenIfWrong(
  check: (value: Readonly<Record<string, unknown>>, complain: Complain) => void,
): z.core.$ZodCheck<object> {
  const made = z.check<object>((payload) => {
    check(payload.value as Readonly<Record<string, unknown>>, (path, message) =>
      payload.issues.push({ code: 'custom', path, message, input: payload.value, continue: true }),
    );
  });
  made._zod.def.when = ({ value }) => isMapping(value);
  return made;
}

export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
