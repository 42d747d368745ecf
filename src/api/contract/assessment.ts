/** The part of the contract about assessments. */
import { z } from 'zod';
import { RANGE_PARTS } from '../../core/assessment/range-parts.ts';
import { CHECK_KINDS, VERDICTS } from '../../core/assessment/verdict.ts';
import { SPREADS } from '../../core/policy/model.ts';
import { WEEKDAYS } from '../../core/schedule/calendar.ts';
import { instant, LIMITS, named, QuantilesSchema } from '../contract.ts';

const quantiles = QuantilesSchema;
const shareInterval = z.object({ low: z.number(), high: z.number() });
const projectReason = z.object({ project: z.string(), reason: z.string() });
const compared = z.object({ value: quantiles, difference: quantiles });
const nullableNumber = z.number().nullable();

const CheckSchema = named(
  'AssessmentCheck',
  z.object({
    kind: z.enum(CHECK_KINDS),
    limit: z.number(),
    value: quantiles.nullable(),
    chance: z.number(),
    result: z.enum(['met', 'not-met', 'open']),
  }),
);

const EvidenceSchema = named(
  'AssessmentEvidence',
  z.object({
    samples: z.number(),
    testRuns: z.number(),
    launches: z.number(),
    imported: z.number(),
    cancelled: z.number(),
    ofOlderContent: z.number(),
    projectsSeen: z.number(),
    projects: z.number(),
    confidence: z.enum(['none', 'guess', 'low', 'fair', 'good']),
    range: z.object({
      logDeviation: z.number(),
      parts: z.array(z.object({ part: z.enum(RANGE_PARTS), share: z.number() })),
    }),
    advice: z.array(
      z.object({
        kind: z.enum(['other-projects', 'seen-projects']),
        samples: z.number(),
        rangeThen: z.number(),
        projects: z.array(z.string()),
      }),
    ),
    success: z
      .object({ succeeded: z.number(), runs: z.number(), rate: z.number(), interval: shareInterval })
      .nullable(),
  }),
);

const ComparisonSchema = named(
  'AssessmentComparison',
  z.object({
    label: z.string(),
    finishAtMs: z.object({ value: quantiles.nullable(), difference: quantiles.nullable() }),
    peakWanted: compared,
    peakWaiting: compared,
    waitP90Ms: compared,
    totalMs: compared,
    timeouts: compared.nullable(),
    neverStarted: compared,
  }),
);

export const AssessmentSchema = named(
  'Assessment',
  z.object({
    madeAtMs: instant,
    policy: z.object({
      name: z.string(),
      displayName: z.string(),
      format: z.enum(['gitlab', 'penstock']),
      enabled: z.boolean(),
      contentHash: z.string(),
      timeZone: z.string(),
    }),
    occurrence: z.object({
      key: z.string(),
      day: z.number(),
      opensAtMs: instant,
      closesAtMs: instant,
      areMomentsKnown: z.boolean(),
    }),
    scope: z.object({
      projects: z.number(),
      launches: z.number(),
      snoozed: z.number(),
      jumpedOver: z.number(),
      branches: z.array(z.string()),
      out: z.array(projectReason),
      unknown: z.array(projectReason),
    }),
    launches: z.object({
      byPart: z.array(z.object({ fromMs: instant, toMs: instant, launches: quantiles })),
      busiestMinute: quantiles,
    }),
    atOnce: z.object({ wanted: quantiles, running: quantiles, waiting: quantiles }),
    execution: z.object({ totalMs: quantiles, eachMs: quantiles }),
    finish: z.object({ allAtMs: quantiles, mostAtMs: quantiles, lastStartAtMs: quantiles }).nullable(),
    wait: z.object({ waited: quantiles, medianMs: quantiles, p90Ms: quantiles, longestMs: quantiles }),
    neverStarted: quantiles,
    pools: z.array(
      z.object({
        name: z.string(),
        size: z.number(),
        otherUse: z.number(),
        units: z.number(),
        basis: z.enum(['request', 'tasks']),
        meanShare: quantiles,
        peakUnits: quantiles,
      }),
    ),
    timeline: z.array(z.object({ atMs: instant, wanted: quantiles, running: quantiles, waiting: quantiles })),
    resources: z.object({
      slotMs: quantiles,
      jobMs: quantiles.nullable(),
      cpuMs: quantiles.nullable(),
      memoryBytes: quantiles.nullable(),
      reservedCpuMillis: quantiles.nullable(),
      reservedMemoryBytes: quantiles.nullable(),
      samplesWithJobs: z.number(),
      samplesWithUsage: z.number(),
      samplesWithTasks: z.number(),
    }),
    timeouts: z.object({
      limitMs: nullableNumber,
      withHolding: quantiles.nullable(),
      withoutHolding: z
        .object({ waiting: quantiles, running: quantiles, wastedSlotMs: quantiles })
        .nullable(),
      stuck: quantiles.nullable(),
    }),
    limit: z
      .object({
        kind: z.enum(['pool', 'nothing']),
        pool: z.string().nullable(),
        slots: nullableNumber,
        oneMore: z.object({ soonerMs: quantiles, lessWaitMs: quantiles }).nullable(),
      })
      .nullable(),
    overlaps: z.array(
      z.object({ policy: z.string(), opensAtMs: instant, closesAtMs: instant, launches: z.number() }),
    ),
    gitlabEstimate: z.object({ totalMs: z.number(), launchesPerHour: z.number() }).nullable(),
    evidence: EvidenceSchema,
    warnings: z.array(z.object({ code: z.string(), message: z.string() })),
    verdict: z.object({ answer: z.enum(VERDICTS), checks: z.array(CheckSchema) }),
    recommendations: z.array(
      z.object({
        kind: z.enum(['window', 'capacity']),
        value: nullableNumber,
        likely: nullableNumber,
        pool: z.string().nullable(),
        limit: z.number(),
        now: z.number(),
        isConclusive: z.boolean(),
        replications: z.number(),
      }),
    ),
    quietStart: z
      .object({
        weekday: z.enum(WEEKDAYS).nullable(),
        startMinute: z.number(),
        slots: z.number(),
        nowSlots: z.number(),
        isNow: z.boolean(),
        historyDays: z.number(),
        policies: z.number(),
        isConclusive: z.boolean(),
      })
      .nullable(),
    whatIf: z.array(ComparisonSchema),
    against: ComparisonSchema.nullable(),
    replications: z.number(),
    seed: z.number(),
  }),
);

const lengthMs = z.number().int().min(1).max(31_556_952_000);
const size = z.number().int().min(0).max(999_999);

const ChangeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('window'), lengthMs }),
  z.strictObject({ kind: z.literal('spread'), spread: z.enum(SPREADS) }),
  z.strictObject({ kind: z.literal('start'), minute: z.number().int().min(0).max(1439) }),
  z.strictObject({ kind: z.literal('pool'), pool: z.string().max(200), size }),
  z.strictObject({ kind: z.literal('projects'), projects: z.number().int().min(1).max(100_000) }),
  z.strictObject({ kind: z.literal('priority'), priority: z.string().max(200) }),
  z.strictObject({ kind: z.literal('timeout'), timeoutMs: lengthMs }),
]);

/** What may be asked about an assessment, whichever policy it is of. */
export const AssessmentOptions = z.strictObject({
  branches: z.number().int().min(1).max(100).optional(),
  /** Over the sizes that there are. */
  pools: z.record(z.string(), size).optional(),
  /** A history as text: CSV, JSON or JSON lines, beside what this installation has measured. */
  history: z.string().max(LIMITS.contentCharacters).optional(),
  /** A guess of what one pipeline takes. */
  duration: z.strictObject({ p50Ms: lengthMs, p90Ms: lengthMs }).optional(),
  timeoutMs: lengthMs.optional(),
  occurrence: z.number().int().min(1).max(1000).default(1),
  maxPeak: size.optional(),
  /** "06:00" by the policy's clocks, or an instant. */
  finishBy: z.union([z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/), instant.min(0)]).optional(),
  maxTimeouts: z.number().min(0).max(1).optional(),
  whatIf: z
    .array(z.strictObject({ label: z.string().max(200), changes: z.array(ChangeSchema).min(1).max(10) }))
    .max(20)
    .default([]),
  /** Whether what waits and runs now is simulated along. */
  withQueue: z.boolean().default(true),
  replications: z.number().int().min(20).max(1_000).default(200),
  seed: z.number().int().min(0).max(4_294_967_295).default(1),
});

export const AssessmentBody = AssessmentOptions.extend({
  /** YAML: GitLab's policy.yml, or documents of kind PipelineExecutionPolicy. */
  document: z.string().min(1).max(LIMITS.contentCharacters),
  /** Which of the document, when it has several. */
  policy: z.string().max(500).optional(),
  /** How many projects are in scope, or which: names, or what is known of each. */
  projects: z.union([
    z.number().int().min(1).max(100_000),
    z.array(z.union([z.string(), z.record(z.string(), z.unknown())])).max(100_000),
  ]),
});

/** What may be asked in an address. */
export const AssessmentQuery = z.strictObject({
  occurrence: z.coerce.number().int().min(1).max(1000).default(1),
  maxPeak: z.coerce.number().int().min(0).max(999_999).optional(),
  finishBy: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/)
    .optional(),
  maxTimeouts: z.coerce.number().min(0).max(1).optional(),
  withQueue: z.stringbool().default(true),
  replications: z.coerce.number().int().min(20).max(1_000).default(200),
  seed: z.coerce.number().int().min(0).max(4_294_967_295).default(1),
});
