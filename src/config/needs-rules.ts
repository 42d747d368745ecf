/**
 * The part `needs` of `penstock.yaml`: how to read from a run what it needs, besides what it
 * says in Penstock's own words. Conditions are compiled here, so that a wrong one is told when
 * the configuration is read and never when a run arrives.
 */
import { z } from 'zod';
import { RUNS_POOL } from '../core/model/run.ts';
import { UNITS_MAX } from '../core/needs/pool-names.ts';
import { type NeedsRule, YES } from '../core/needs/rule.ts';
import { mapping, name, named, text, wholeNumber } from '../documents/schema-parts.ts';
import { type Compiled, compileCondition } from './condition.ts';

const RULES_MAX = 100;
const UNLIMITED_MAX = 1_000;
const UNLIMITED_PLATFORMS = ['local', 'localhost', 'linux/x86_64'];

function condition(about: 'run' | 'pool') {
  return text('a condition in CEL').transform((value, context) => {
    const compiled: Compiled = compileCondition(value, about);
    if (compiled.kind === 'condition') return compiled.ask;
    context.addIssue({
      code: 'custom',
      message: `must be a condition in CEL that is right for every run: ${compiled.why}`,
    });
    return z.NEVER;
  });
}

const rule = mapping({
  name: text('what the rule is about, in a few words'),
  when: condition('run').optional(),
  forEach: condition('pool').optional(),
  requests: named(wholeNumber(1, UNITS_MAX)).default({}),
  priority: name.optional(),
})
  .refine((value) => Object.keys(value.requests).length > 0 || value.priority !== undefined, {
    error: 'must have requests, a priority, or both',
  })
  .refine((value) => !(RUNS_POOL in value.requests), {
    path: ['requests', RUNS_POOL],
    error: 'cannot be asked for by a rule: each run takes one',
  })
  .refine((value) => value.forEach === undefined || Object.keys(value.requests).length > 0, {
    path: ['forEach'],
    error: 'must come with requests: it says for which pools they are',
  })
  .transform(
    ({ when, forEach, ...rest }): NeedsRule => ({
      name: rest.name,
      when: when ?? (() => YES),
      forEach: forEach ?? null,
      requests: rest.requests,
      priority: rest.priority ?? null,
    }),
  );

const prefixError = 'must be the part of an annotation before its "/", such as prsstarter.example.com';

export const NEEDS_SCHEMA = mapping({
  annotationPrefix: z
    .string({ error: prefixError })
    .regex(/^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/, { error: prefixError })
    .default('prsstarter.example.com'),
  unlimited: z
    .array(name, { error: 'must be a list of names' })
    .max(UNLIMITED_MAX, { error: `must have at most ${UNLIMITED_MAX} entries` })
    .default(UNLIMITED_PLATFORMS),
  rules: z
    .array(rule, { error: 'must be a list of rules' })
    .max(RULES_MAX, { error: `must have at most ${RULES_MAX} entries` })
    .default([]),
});

export type NeedsSettings = z.output<typeof NEEDS_SCHEMA>;
