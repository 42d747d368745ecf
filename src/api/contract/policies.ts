/** The bodies about scheduled policies: what is registered, and what is asked for of it. */
import { z } from 'zod';
import { OUTCOMES } from '../../core/model/run.ts';
import { SPREADS } from '../../core/policy/model.ts';
import { LAUNCH_STATES, OCCURRENCE_VERDICTS } from '../../ports/launch-store.ts';
import { instant, line, named } from '../contract.ts';

export const POLICY_PAGE_MAX = 200;

const PolicySourceSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('file'), file: z.string(), place: z.number() }),
  z.object({ kind: z.literal('api') }),
]);

export const PolicySchema = named(
  'Policy',
  z.object({
    name: z.string(),
    displayName: z.string(),
    description: z.string(),
    identity: z.string(),
    format: z.enum(['gitlab', 'penstock']),
    enabled: z.boolean(),
    active: z.boolean(),
    notLaunched: z.string().nullable(),
    snoozedUntilMs: instant.nullable(),
    nextOccurrenceAtMs: instant.nullable(),
    source: PolicySourceSchema,
    version: z.number(),
    contentHash: z.string(),
    configHash: z.string(),
    contentKnown: z.boolean(),
    savedAtMs: instant,
    savedBy: z.string(),
  }),
);

export const PolicyDetailSchema = named(
  'PolicyDetail',
  PolicySchema.extend({
    /** Null for who may not see all projects, some of which it may name. */
    document: z.record(z.string(), z.unknown()).nullable(),
  }),
);

export const PoliciesSchema = named(
  'Policies',
  z.object({
    policies: z.array(PolicySchema),
    next: z.string().nullable(),
    brokenFiles: z.array(
      z.object({ file: z.string(), keptPolicies: z.number(), problems: z.array(z.string()) }),
    ),
  }),
);

export const AppliedPolicySchema = named(
  'AppliedPolicy',
  z.object({
    change: z.enum(['created', 'updated', 'unchanged']),
    policy: PolicyDetailSchema,
    /** What is legal in it and may surprise. */
    warnings: z.array(z.string()),
  }),
);
export type AppliedPolicy = z.output<typeof AppliedPolicySchema>;

export const DeletedPolicySchema = named(
  'DeletedPolicy',
  z.object({ name: z.string(), deleted: z.literal(true) }),
);

export const PolicyNameParams = z.object({ name: z.string().min(1).max(255) });

/** A PipelineExecutionPolicy, or GitLab's list with one policy in it; read by the reader of policy files. */
export const PolicyDocumentSchema = named('PolicyDocument', z.record(z.string(), z.unknown()));

export const PoliciesQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(POLICY_PAGE_MAX).default(100),
  /** `next` of the page before. */
  after: z.string().min(1).max(4000).optional(),
});

/** In whose name the order is given. */
const by = line(100).default('somebody');

export const OrderQuery = z.strictObject({ by });

export const OccurrenceSchema = named(
  'Occurrence',
  z.object({
    key: z.string(),
    cause: z.enum(['schedule', 'order']),
    startsAtMs: instant,
    endsAtMs: instant,
    spread: z.enum(SPREADS),
    verdict: z.enum(OCCURRENCE_VERDICTS),
    reason: z.string().nullable(),
    askedBy: z.string().nullable(),
    createdAtMs: instant,
    /** How many launches are in each state; zeros are left out. */
    launches: z.record(z.string(), z.number()),
    /** How many of those launched ended with each outcome. */
    outcomes: z.record(z.string(), z.number()),
  }),
);
export type OccurrenceBody = z.output<typeof OccurrenceSchema>;

export const OccurrencesSchema = named(
  'Occurrences',
  z.object({ occurrences: z.array(OccurrenceSchema), next: z.string().nullable() }),
);

export const LaunchSchema = named(
  'Launch',
  z.object({
    project: z.string(),
    branch: z.string().nullable(),
    atMs: instant,
    state: z.enum(LAUNCH_STATES),
    reason: z.string().nullable(),
    runId: z.string().nullable(),
    launchedAtMs: instant.nullable(),
    outcome: z.enum([...OUTCOMES, 'vanished']).nullable(),
    endedAtMs: instant.nullable(),
  }),
);

export const LaunchesSchema = named(
  'Launches',
  z.object({
    occurrence: OccurrenceSchema,
    launches: z.array(LaunchSchema),
    next: z.string().nullable(),
  }),
);

export const RunPolicySchema = named(
  'RunPolicy',
  z.strictObject({
    /** Whoever repeats an order with the same key launches nothing twice. */
    key: z.string().min(8).max(200),
    /** As long as the policy's where it is left out. */
    windowMs: z.number().int().min(1).max(2_678_400_000).optional(),
    by,
  }),
);

export const OrderedOccurrenceSchema = named(
  'OrderedOccurrence',
  z.object({
    /** False when it had been ordered before, with the same key. */
    created: z.boolean(),
    occurrence: OccurrenceSchema,
  }),
);

export const OccurrenceParams = z.object({
  name: z.string().min(1).max(255),
  key: z.string().min(1).max(100),
});

export const LaunchesQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  after: z.string().min(1).max(100).optional(),
});

export const ConditionHeaders = z.looseObject({
  'if-match': z.string().max(1000).optional(),
  'if-none-match': z.string().max(1000).optional(),
});
