/**
 * What may stand in an item of `pipeline_execution_schedule_policy` in GitLab's `policy.yml`,
 * by GitLab's JSON schema of 19.x: what it refuses is refused, what it tolerates is read.
 */
import { z } from 'zod';
import type { ProjectType } from '../../core/policy/scope.ts';
import { WEEKDAYS } from '../../core/schedule/calendar.ts';
import {
  evenIfWrong,
  isMapping,
  oneOf,
  mapping as strictMapping,
  text,
  wholeNumber,
  yesNo,
} from '../schema-parts.ts';
import { checkDayKeys, distinct, instant, SCHEDULE_TYPES, startTime } from './schedule-parts.ts';
import { isTimeZoneId, railsTimeZone, timeZoneAllowed } from './time-zones.ts';

const POLICIES_MAX = 5;
const BRANCHES_MAX = 5;
const WINDOW_SECONDS_MIN = 600;
/** A month, as GitLab counts it. */
const WINDOW_SECONDS_MAX = 2_629_746;
const DESCRIPTION_MAX = 1_000_000;
const IDS_MAX = 10_000;
const QUOTES = ' in quotes (without them GitLab reads a number)';

function mapping<Shape extends z.ZodRawShape>(shape: Shape) {
  return strictMapping(shape, 'GitLab');
}

/** No file is found through it, and an address made of it would lead elsewhere. */
function place(what: string) {
  return text(what, 1000).refine((path) => !path.split('/').some((part) => part === '..' || part === '.'), {
    error: `must be ${what} without "." and ".." in it`,
  });
}

const include = mapping({
  project: place('the path of a project such as "group/policies"'),
  file: place('the path of a file in that project'),
  ref: text('a branch, tag or commit', 1000).optional(),
});

const content = mapping({
  include: z
    .array(include, { error: 'must be a list of one { project, file, ref }' })
    .length(1, { error: 'must have exactly one entry' }),
});

const timeZone = z
  .string({ error: ({ input }) => timeZoneAllowed(input) })
  .refine((name) => isTimeZoneId(name) || railsTimeZone(name) !== null, {
    error: ({ input }) =>
      `${timeZoneAllowed(input)} (GitLab would accept the file and never schedule the policy)`,
  });

const BRANCH = 'the name of a branch in quotes';

const schedule = mapping({
  type: oneOf(SCHEDULE_TYPES),
  start_time: startTime(QUOTES),
  days: distinct(oneOf(WEEKDAYS), 'days such as Monday').optional(),
  days_of_month: distinct(wholeNumber(1, 31), 'dates from 1 to 31').optional(),
  time_window: mapping({
    value: wholeNumber(WINDOW_SECONDS_MIN, WINDOW_SECONDS_MAX),
    distribution: z.literal('random', { error: 'must be random' }),
  }),
  timezone: timeZone.optional(),
  branches: distinct(text(BRANCH, 1000), 'names of branches')
    .max(BRANCHES_MAX, { error: `must have at most ${BRANCHES_MAX} names` })
    .optional(),
  snooze: z
    .looseObject(
      { until: instant, reason: z.string({ error: 'must be text' }).optional() },
      { error: 'must be a mapping with the keys until, reason' },
    )
    .optional(),
}).check(
  evenIfWrong((value, complain) =>
    checkDayKeys(value, { weekly: 'days', monthly: 'days_of_month' }, complain),
  ),
);

const id = mapping({ id: wholeNumber(1, Number.MAX_SAFE_INTEGER) });

function ids<Item extends z.ZodType>(item: Item) {
  return z
    .array(item, { error: 'must be a list of { id }' })
    .max(IDS_MAX, { error: `must have at most ${IDS_MAX} entries` })
    .default([]);
}

const projectType = mapping({ type: oneOf(['personal', 'archived']) });

/** An entry of `projects.excluding`: an id, or a type. */
const excludedProject = z.unknown().transform((value, context) => {
  const isType = isMapping(value) && Object.hasOwn(value, 'type');
  const result = isType ? projectType.safeParse(value) : id.safeParse(value);
  for (const { path, message } of result.error?.issues ?? []) {
    context.addIssue({ code: 'custom', path, message });
  }
  if (result.data === undefined) return z.NEVER;
  return 'type' in result.data && isType
    ? { kind: 'type' as const, type: result.data.type as ProjectType }
    : { kind: 'id' as const, id: Number(result.data.id) };
});

function idFilter<Excluded extends z.ZodType>(excluded: Excluded) {
  return mapping({ including: ids(id), excluding: ids(excluded) }).prefault({});
}

/** Other keys pass GitLab's schema in some version and decide nothing; the reader warns of them. */
const policyScope = z
  .looseObject(
    {
      match_mode: oneOf(['all', 'any']).default('all'),
      compliance_frameworks: ids(id),
      projects: idFilter(excludedProject),
      groups: idFilter(id),
      business_impact: idFilter(id),
    },
    { error: 'must be a mapping' },
  )
  .prefault({});

export const SCOPE_KEYS = Object.keys(policyScope.unwrap().shape);

const metadata = z
  .record(
    z.string().regex(/^[a-zA-Z$][\w$]*$/),
    z.union([z.string(), z.number(), z.boolean()], { error: 'must be text, a number, true or false' }),
    {
      error: ({ code }) =>
        code === 'invalid_key'
          ? 'must be named with letters, digits, "_" and "$", not with a digit first'
          : 'must be a mapping from names to texts, numbers, true or false',
    },
  )
  .default({});

const policy = z.looseObject(
  {
    name: text('a name of 1 to 255 characters', 255),
    description: z
      .string({ error: 'must be text' })
      .max(DESCRIPTION_MAX, { error: `must have at most ${DESCRIPTION_MAX} characters` })
      .default(''),
    enabled: yesNo,
    content,
    schedules: z
      .array(schedule, { error: 'must be a list of one schedule' })
      .length(1, { error: 'must have exactly one entry' }),
    policy_scope: policyScope,
    variables_override: mapping({
      allowed: yesNo,
      exceptions: z
        .array(z.string({ error: 'must be text' }), { error: 'must be a list of names' })
        .default([]),
      dotenv: oneOf(['respect_policy', 'allow_override']).optional(),
    }).optional(),
    metadata,
  },
  { error: 'must be a mapping: one policy' },
);

export const POLICY_KEYS = Object.keys(policy.shape);

export const GITLAB_FILE = z.looseObject(
  {
    experiments: z
      .looseObject(
        {
          pipeline_execution_schedule_policy: z
            .looseObject({ enabled: yesNo }, { error: 'must be a mapping' })
            .optional(),
        },
        { error: 'must be a mapping' },
      )
      .optional(),
    pipeline_execution_schedule_policy: z
      .array(policy, { error: 'must be a list of policies' })
      .max(POLICIES_MAX, {
        error: `must have at most ${POLICIES_MAX} policies: GitLab ignores the whole file otherwise`,
      })
      .default([]),
  },
  { error: 'must be a mapping with the key pipeline_execution_schedule_policy' },
);

export type GitlabFile = z.output<typeof GITLAB_FILE>;
export type GitlabItem = GitlabFile['pipeline_execution_schedule_policy'][number];

/** Keys of the file's root that are other kinds of policies; nobody else's business here. */
export const ROOT_KEYS = [
  'experiments',
  'approval_policy',
  'dependency_firewall_policy',
  'pipeline_execution_policy',
  'pipeline_execution_schedule_policy',
  'scan_execution_policy',
  'vulnerability_management_policy',
];
