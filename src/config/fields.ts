/**
 * The kinds of value that `penstock.yaml` is made of, each with the sentence that says what
 * is allowed. Schemas of its parts are put together from these.
 *
 * A message begins with "must"; which file, line and key it is about, and what stands there,
 * is added in `problem-line.ts`.
 */
import { z } from 'zod';
import { DURATION_HINT, durationText, parseDuration } from './duration.ts';
import { nearest } from './nearest.ts';

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

export function text(what: string) {
  const error = `must be ${what}`;
  return z
    .string({ error })
    .min(1, { error })
    .refine((value) => !value.includes('\0'), { error });
}

/** Of pools, tenants, projects and priorities. */
const NAME_ALLOWED =
  'must be a name of at most 200 letters, digits, ".", "_", "-" and "/" that begins and ends with a letter or digit';
export const name = z
  .string({ error: NAME_ALLOWED })
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,198}[A-Za-z0-9])?$/, { error: NAME_ALLOWED });

export function named<Value extends z.ZodType>(value: Value) {
  return z
    .record(name, value, {
      error: ({ code }) =>
        code === 'invalid_key' ? NAME_ALLOWED : 'must be a mapping from names to settings',
    })
    .refine((entries) => Object.keys(entries).length <= ENTRIES_MAX, {
      error: `must have at most ${ENTRIES_MAX} entries`,
    });
}

export function mapping<Shape extends z.ZodRawShape>(shape: Shape) {
  const keys = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== 'unrecognized_keys') return `must be a mapping with the keys ${keys.join(', ')}`;
      const meant = nearest(issue.keys[0] ?? '', keys);
      const hint = meant === null ? `; known keys are ${keys.join(', ')}` : `; did you mean "${meant}"?`;
      return `is not a key that Penstock knows${hint}`;
    },
  });
}
