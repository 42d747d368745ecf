/**
 * The HTTP contract: every body that goes in or out, as zod schemas. Server, command line
 * and OpenAPI document are all made from these, so they cannot disagree.
 *
 * Responses are sent *through* their schema and a field that is missing here would vanish
 * without an error; so the types of `app/views.ts` are held equal to these by a test.
 * Instants are milliseconds since the epoch. Unknown keys of a request are refused.
 */
import { z } from 'zod';
import { ERRORS, type ErrorCode } from '../core/errors/catalogue.ts';
import { ASSUMPTIONS } from '../core/forecast/types.ts';
import { OUTCOMES, RUN_STATES } from '../core/model/run.ts';

/** Limits of one request; what is refused above them is refused before anything is done. */
export const LIMITS = {
  bodyBytes: 1024 * 1024,
  contentCharacters: 512 * 1024,
  runsPerRequest: 10_000,
  pageSize: 1000,
  queueEntries: 10_000,
  replications: 10_000,
  forecasts: 100,
  params: 100,
  requests: 32,
} as const;

/** Named schemas, which the OpenAPI document refers to instead of repeating. */
export const CONTRACT = z.registry<{ id: string }>();

export function named<T extends z.ZodType>(id: string, schema: T): T {
  CONTRACT.add(schema, { id });
  return schema;
}

export const instant = z.number();

/** All but control characters, written so that every language's regular expressions understand it. */
const CONTROL_CHARACTERS = String.raw`\u0000-\u001f\u007f-\u009f`;
const ONE_LINE = new RegExp(`^[^${CONTROL_CHARACTERS}]*$`);

/** A text that is shown in logs, tables and on terminals. */
export function line(most: number) {
  return z.string().min(1).max(most).regex(ONE_LINE, 'must be on one line');
}

const PART = `\\.*[^./${CONTROL_CHARACTERS}][^/${CONTROL_CHARACTERS}]*`;
const PROJECT_NAME = new RegExp(`^${PART}(/${PART})*$`);

/** It may become a part of paths and addresses: no way up in it. */
export function projectName(most: number) {
  const allowed = 'must be a name of one line, such as "shop" or "group/shop", without "." and ".." in it';
  return z.string().min(1).max(most).regex(PROJECT_NAME, allowed);
}

const codes = Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]];

export const ProblemSchema = named(
  'Problem',
  z.object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    /** One line for a person. */
    detail: z.string(),
    /** Stable; programs branch on this one. */
    code: z.enum(codes),
    /** Path of what is wrong in the request or file, where there is one. */
    field: z.string().optional(),
    /** When it may be tried again, where that is known; `Retry-After` says the same in seconds. */
    retryAtMs: instant.optional(),
  }),
);
export type Problem = z.output<typeof ProblemSchema>;

export const QuantilesSchema = named(
  'Quantiles',
  z.object({ p10: z.number(), p50: z.number(), p90: z.number() }),
);

export const UsageSchema = named('Usage', z.object({ cpuSeconds: z.number(), peakMemoryBytes: z.number() }));

export const RunSchema = named(
  'Run',
  z.object({
    id: z.string(),
    project: z.string(),
    tenant: z.string(),
    priority: z.string(),
    requests: z.record(z.string(), z.number()),
    contentHash: z.string(),
    timeoutMs: z.number().nullable(),
    state: z.enum(RUN_STATES),
    ours: z.boolean(),
    heldSinceMs: instant,
    startedAtMs: instant.nullable(),
    finishedAtMs: instant.nullable(),
    outcome: z.enum(OUTCOMES).nullable(),
    outcomeReason: z.string().nullable(),
    usage: UsageSchema.nullable(),
  }),
);

export const TaskSpanSchema = named(
  'TaskSpan',
  z.object({
    task: z.string(),
    /** Since the run's start. */
    fromMs: z.number(),
    toMs: z.number(),
    platform: z.string().nullable(),
    cpuRequestMillis: z.number().nullable(),
    memoryRequestBytes: z.number().nullable(),
  }),
);

export const RunDetailSchema = named(
  'RunDetail',
  RunSchema.extend({
    profile: z.object({ tasks: z.array(TaskSpanSchema), tasksLeftOut: z.number() }).nullable(),
  }),
);

export const RunsSchema = named('Runs', z.object({ runs: z.array(RunSchema), next: z.string().nullable() }));

const poolName = z.string();
const plainReasons = [
  z.object({ kind: z.literal('paused'), scope: z.literal('everything') }),
  z.object({ kind: z.literal('paused'), scope: z.enum(['tenant', 'pool']), name: z.string() }),
  z.object({ kind: z.literal('unknown-pool'), pool: poolName, known: z.array(z.string()) }),
  z.object({ kind: z.literal('malformed'), problem: z.string() }),
  z.object({ kind: z.literal('unknown-priority'), priority: z.string(), known: z.array(z.string()) }),
  z.object({ kind: z.literal('never-fits'), pool: poolName, asked: z.number(), size: z.number() }),
  z.object({
    kind: z.literal('never-fits-cap'),
    pool: poolName,
    tenant: z.string(),
    asked: z.number(),
    cap: z.number(),
  }),
  z.object({ kind: z.literal('capacity-in-doubt'), pool: poolName, doubt: z.string() }),
  z.object({
    kind: z.literal('pool-full'),
    pool: poolName,
    asked: z.number(),
    free: z.number(),
    size: z.number(),
  }),
  z.object({
    kind: z.literal('tenant-cap'),
    pool: poolName,
    tenant: z.string(),
    asked: z.number(),
    free: z.number(),
    cap: z.number(),
  }),
  /** No `forRun`: a run of a project that whoever asks may not see. */
  z.object({
    kind: z.literal('reserved'),
    pool: poolName,
    forRun: z.string().nullable(),
    promisedAtMs: instant,
  }),
] as const;

const behindReason = z.object({
  kind: z.literal('behind'),
  head: z.string().nullable(),
  ahead: z.number(),
  get first() {
    return HoldReasonSchema;
  },
});

type HoldReasonOutput = z.output<(typeof plainReasons)[number]> | BehindOutput;
type BehindOutput = { kind: 'behind'; head: string | null; ahead: number; first: HoldReasonOutput };

export const HoldReasonSchema: z.ZodType<HoldReasonOutput> = named(
  'HoldReason',
  z.union([...plainReasons, behindReason]),
);

const queueEntryShape = {
  run: RunSchema,
  position: z.number().nullable(),
  reason: HoldReasonSchema.nullable(),
  because: z.string(),
  startsAtMs: QuantilesSchema.nullable(),
  finishesAtMs: QuantilesSchema.nullable(),
  expiresAtMs: instant.nullable(),
};

export const QueueEntrySchema = named('QueueEntry', z.object(queueEntryShape));

export const QueueSchema = named(
  'Queue',
  z.object({
    nowMs: instant,
    held: z.number(),
    starting: z.number(),
    running: z.number(),
    entries: z.array(QueueEntrySchema),
  }),
);

export const ExplanationSchema = named(
  'Explanation',
  z.object({
    ...queueEntryShape,
    nowMs: instant,
    aheadInPool: z.number().nullable(),
    boundAtMs: instant.nullable(),
    ownSamples: z.number(),
    pooledSamples: z.number(),
    lines: z.array(z.string()),
  }),
);

export const PoolSchema = named(
  'Pool',
  z.object({
    name: z.string(),
    size: z.number(),
    used: z.number(),
    free: z.number(),
    waiting: z.number(),
    paused: z.boolean(),
    doubt: z.string().nullable(),
  }),
);

export const PoolsSchema = named('Pools', z.object({ pools: z.array(PoolSchema) }));

const runForecast = z.object({
  id: z.string(),
  startAtMs: QuantilesSchema,
  finishAtMs: QuantilesSchema,
  timeoutChance: z.number(),
});

const timelinePoint = z.object({ atMs: instant, running: QuantilesSchema, waiting: QuantilesSchema });

const withoutHolding = z.object({
  succeeded: QuantilesSchema,
  timedOutWaiting: QuantilesSchema,
  timedOutRunning: QuantilesSchema,
  wastedSlotMs: QuantilesSchema,
});

export const ForecastSchema = named(
  'Forecast',
  z.object({
    madeAtMs: instant,
    replications: z.number(),
    seed: z.number(),
    assumption: z.enum(ASSUMPTIONS),
    finishAtMs: QuantilesSchema,
    lastStartAtMs: QuantilesSchema,
    peakRunning: QuantilesSchema,
    timeouts: QuantilesSchema,
    withoutHolding,
    runs: z.array(runForecast),
    timeline: z.array(timelinePoint),
    neverStart: z.array(z.string()),
    evidence: z.object({ samples: z.number(), series: z.number(), runsWithFewSamples: z.number() }),
  }),
);

const forecastRecord = z.object({
  id: z.string(),
  madeAtMs: instant,
  runIds: z.array(z.string()),
  finishAtMs: QuantilesSchema,
  replications: z.number(),
  seed: z.number(),
});

const forecastOutcome = z.object({ forecastId: z.string(), settledAtMs: instant, finishedAtMs: instant });

export const ForecastsSchema = named(
  'Forecasts',
  z.object({
    forecasts: z.array(z.object({ record: forecastRecord, outcome: forecastOutcome.nullable() })),
  }),
);

const calibrationRow = z.object({
  fromHorizonMs: z.number(),
  forecasts: z.number(),
  coverageP90: z.number(),
  coverage80: z.number(),
  pinball: z.number(),
  biasMs: z.number(),
  drifts: z.boolean(),
});

export const CalibrationSchema = named(
  'Calibration',
  z.object({ nowMs: instant, starts: z.array(calibrationRow), finishes: z.array(calibrationRow) }),
);

export const LogsSchema = named(
  'Logs',
  z.object({
    id: z.string(),
    steps: z.array(z.object({ task: z.string(), step: z.string(), text: z.string() })),
  }),
);

/** A name that stays valid as the start of an id in every engine. */
const runName = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,43}[a-z0-9])?$/, 'at most 45 lower-case letters, digits and "-" inside');

function boundedRecord<V extends z.ZodType>(value: V, most: number) {
  return z
    .record(z.string().min(1).max(100), value)
    .refine((record) => Object.keys(record).length <= most, `at most ${most} entries`);
}

export const CreateRunsSchema = named(
  'CreateRuns',
  z.strictObject({
    /** What to execute, in the engine's own format: for `local` a Tekton v1 Pipeline as YAML. */
    content: z.string().min(1).max(LIMITS.contentCharacters),
    name: runName.default('run'),
    count: z.number().int().min(1).max(LIMITS.runsPerRequest).default(1),
    project: projectName(200),
    /** Whom fairness is measured between; the project's own name when left out. */
    tenant: z.string().min(1).max(200).optional(),
    /** One of the configured ones; the lowest when left out. */
    priority: z.string().min(1).max(100).optional(),
    requests: boundedRecord(z.number().int().min(1).max(1_000_000), LIMITS.requests).default({}),
    params: boundedRecord(z.string().max(32_768), LIMITS.params).default({}),
    timeoutMs: z.number().int().min(1).max(2_592_000_000).nullable().default(null),
    /** Whoever repeats a request with the same key creates nothing twice. */
    key: z.string().min(8).max(200).optional(),
  }),
);
export type CreateRunsRequest = z.input<typeof CreateRunsSchema>;

export const CreatedSchema = named(
  'Created',
  /** `created` is less than the number of ids when a request was repeated. */
  z.object({ ids: z.array(z.string()), created: z.number() }),
);
export type Created = z.output<typeof CreatedSchema>;

export const CancelSchema = named(
  'Cancel',
  z.strictObject({ reason: z.string().min(1).max(500).default('on request') }),
);

export const CancelledSchema = named('Cancelled', z.object({ id: z.string() }));

export const HealthSchema = named('Health', z.object({ status: z.literal('ok'), version: z.string() }));
export const ReadySchema = named('Ready', z.object({ status: z.literal('ready') }));

export const RunIdParams = z.object({ id: z.string().min(1).max(100) });

export const RunsQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(LIMITS.pageSize).default(100),
  /** `next` of the page before. */
  before: z.string().min(1).max(500).optional(),
});

export const QueueQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(LIMITS.queueEntries).default(1000),
});

export const ForecastQuery = z.strictObject({
  replications: z.coerce.number().int().min(1).max(LIMITS.replications).default(200),
  seed: z.coerce.number().int().min(0).max(4_294_967_295).optional(),
});

export const ForecastsQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(LIMITS.forecasts).default(20),
});
