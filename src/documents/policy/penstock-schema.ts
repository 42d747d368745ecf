/**
 * What may stand in a `PipelineExecutionPolicy`, Penstock's own policy document: every key,
 * its type, its range and its default.
 */
import { z } from 'zod';
import { SPREADS } from '../../core/policy/model.ts';
import { WEEKDAYS } from '../../core/schedule/calendar.ts';
import {
  duration,
  evenIfWrong,
  isMapping,
  mapping,
  name,
  named,
  oneOf,
  text,
  UNITS_MAX,
  wholeNumber,
  yesNo,
} from '../schema-parts.ts';
import { checkDayKeys, distinct, instant, SCHEDULE_TYPES, startTime } from './schedule-parts.ts';
import { isTimeZoneId, timeZoneAllowed } from './time-zones.ts';

const API_VERSION = 'penstock.dev/v1alpha1';
const KIND = 'PipelineExecutionPolicy';

const DAY_MS = 86_400_000;
const WINDOW_MAX_MS = 31 * DAY_MS;
const TIMEOUT_MAX_MS = 31 * DAY_MS;
const CATCH_UP_MAX_MS = 31 * DAY_MS;
const BRANCHES_MAX = 20;
const SELECTORS_MAX = 10_000;
const TEXT_MAX = 10_000;
/** A quarter of a file. */
const SPEC_CHARACTERS_MAX = 262_144;

const POLICY_NAME = 'must be 1 to 63 lower-case letters, digits and "-", a letter or digit at both ends';
const policyName = z
  .string({ error: POLICY_NAME })
  .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, { error: POLICY_NAME });

const TEXT = 'must be text; write it in quotes';
const KEY = 'must have a name of 1 to 253 characters';
const shortText = z
  .string({ error: TEXT })
  .max(TEXT_MAX, { error: `must have at most ${TEXT_MAX} characters` });
const texts = z
  .record(z.string().min(1, { error: KEY }).max(253, { error: KEY }), shortText, {
    error: ({ code }) => (code === 'invalid_key' ? KEY : 'must be a mapping from names to texts'),
  })
  .default({});

/** What Kubernetes adds is let through, so that what it prints can be read. */
const metadata = mapping({
  name: policyName,
  labels: texts,
  annotations: texts,
  ...Object.fromEntries(
    ['namespace', 'uid', 'resourceVersion', 'generation', 'creationTimestamp', 'managedFields'].map(
      (key) => [key, z.unknown().optional()] as const,
    ),
  ),
});

const RELATIVE = 'must be a path below the folder of this file, without ".." in it';
const pipelineFile = text('the path of a file', 1000).refine(
  (path) => !/^([/\\]|[A-Za-z]:)/.test(path) && !path.split(/[/\\]/).includes('..'),
  { error: RELATIVE },
);

const pipelineSpec = z.unknown().superRefine((value, context) => {
  const complain = (message: string) => context.addIssue({ code: 'custom', message });
  if (!isMapping(value)) complain('must be the spec of a Pipeline: a mapping with tasks');
  else if (!Array.isArray(value.tasks) || value.tasks.length === 0)
    complain('must list its tasks under tasks');
  else if (JSON.stringify(value).length > SPEC_CHARACTERS_MAX)
    complain(`must have at most ${SPEC_CHARACTERS_MAX} characters; put it into a file`);
});

const SOURCES = ['pipelineFile', 'pipelineRef', 'pipelineSpec'] as const;

const content = mapping({
  pipelineFile: pipelineFile.optional(),
  pipelineRef: mapping({ name: policyName }).optional(),
  pipelineSpec: pipelineSpec.optional(),
  params: texts,
}).check(
  evenIfWrong((value, complain) => {
    const given = SOURCES.filter((key) => value[key] !== undefined);
    if (given.length === 0) complain([], `must have one of ${SOURCES.join(', ')}`);
    for (const key of given.slice(1)) complain([key], `cannot be there beside ${given[0]}`);
  }),
);

const timeZone = z
  .string({ error: ({ input }) => timeZoneAllowed(input) })
  .refine(isTimeZoneId, { error: ({ input }) => timeZoneAllowed(input) });

const DATE = 'must be a date from 1 to 31, or "last"';
const date = z.union(
  [
    z.int({ error: DATE }).min(1, { error: DATE }).max(31, { error: DATE }),
    z.literal('last', { error: DATE }),
  ],
  { error: DATE },
);

const schedule = mapping({
  type: oneOf(SCHEDULE_TYPES),
  days: distinct(oneOf(WEEKDAYS), 'days such as Monday')
    .min(1, { error: 'must have at least one day' })
    .optional(),
  daysOfMonth: distinct(date, 'dates').min(1, { error: 'must have at least one date' }).optional(),
  startTime: startTime(''),
  timeZone: timeZone.default('UTC'),
}).check(
  evenIfWrong((value, complain) => checkDayKeys(value, { weekly: 'days', monthly: 'daysOfMonth' }, complain)),
);

/** By the rules of `git check-ref-format`, in short. */
const BRANCH = 'must be the name of a branch';
const branch = text('the name of a branch', 250).refine(
  (value) =>
    !/[\p{Cc} ~^:?*[\\]|\.\.|@\{|\/\/|\.lock(\/|$)|(^|\/)\./u.test(value) && !/^[-/]|[/.]$/.test(value),
  { error: BRANCH },
);

const PROJECT = 'must be the name of a project, or one that ends in "/*" for all below it';
const projectPattern = z
  .string({ error: PROJECT })
  .max(200, { error: PROJECT })
  .refine(
    (value) =>
      /^[A-Za-z0-9][A-Za-z0-9._/-]*(\/\*)?$/.test(value) &&
      value.split('/').every((part) => part !== '' && part !== '.' && part !== '..'),
    { error: PROJECT },
  );

const selector = mapping({
  projects: distinct(projectPattern, 'projects')
    .max(SELECTORS_MAX, { error: `must have at most ${SELECTORS_MAX} entries` })
    .default([]),
  tenants: distinct(name, 'tenants')
    .max(SELECTORS_MAX, { error: `must have at most ${SELECTORS_MAX} entries` })
    .default([]),
  labels: texts,
}).prefault({});

const catchUp = mapping({
  mode: oneOf(['skip', 'run-late']),
  limit: duration(1, CATCH_UP_MAX_MS).optional(),
}).check(
  evenIfWrong((value, complain) => {
    if (value.mode === 'run-late' && value.limit === undefined) {
      complain(['limit'], 'must say how late a launch may be, such as "6h"');
    }
    if (value.mode === 'skip' && value.limit !== undefined) {
      complain(['limit'], 'has no place beside mode skip, only beside run-late');
    }
  }),
);

const spec = mapping({
  displayName: text('a name of 1 to 255 characters', 255).optional(),
  description: shortText.default(''),
  enabled: yesNo,
  content,
  schedule,
  timeWindow: mapping({
    length: duration(1000, WINDOW_MAX_MS),
    spread: oneOf(SPREADS).default('random'),
  }),
  branches: distinct(branch, 'names of branches')
    .max(BRANCHES_MAX, { error: `must have at most ${BRANCHES_MAX} names` })
    .default([]),
  snooze: mapping({
    until: instant,
    reason: shortText.optional(),
  }).optional(),
  scope: mapping({ include: selector, exclude: selector }).prefault({}),
  timeouts: mapping({ pipeline: duration(1000, TIMEOUT_MAX_MS).optional() }).prefault({}),
  requests: named(wholeNumber(1, UNITS_MAX), 'a mapping from pools to units').default({}),
  priority: name.optional(),
  catchUp: catchUp.prefault({ mode: 'skip' }),
});

export const OWN_POLICY = mapping({
  apiVersion: z.literal(API_VERSION, { error: `must be ${API_VERSION}` }),
  kind: z.literal(KIND, { error: `must be ${KIND}` }),
  metadata,
  spec,
  status: z.unknown().optional(),
});

export type PenstockPolicy = z.output<typeof OWN_POLICY>;
