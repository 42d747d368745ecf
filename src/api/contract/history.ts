/** The bodies about the history of policies: figures of it, its runs, and runs to be imported. */
import { z } from 'zod';
import { HISTORY_PERIODS } from '../../core/history/summary.ts';
import { TASKS_MAX } from '../../core/model/profile.ts';
import { OUTCOMES } from '../../core/model/run.ts';
import { PAST_RUNS_AT_A_TIME } from '../../ports/history-store.ts';
import { instant, LIMITS, line, named } from '../contract.ts';

export const HistoryQuery = z.strictObject({ by: z.enum(HISTORY_PERIODS).default('week') });

const figures = {
  runs: z.number(),
  outcomes: z.object({
    succeeded: z.number(),
    failed: z.number(),
    'timed-out': z.number(),
    cancelled: z.number(),
  }),
  /** Among those that were not cancelled, with a 95 % interval. */
  successRate: z.object({ share: z.number(), low: z.number(), high: z.number() }).nullable(),
  durationMs: z.object({ p10: z.number(), p50: z.number(), p90: z.number(), max: z.number() }).nullable(),
};

export const HistoryFiguresSchema = named('HistoryFigures', z.object(figures));
export type HistoryFiguresBody = z.output<typeof HistoryFiguresSchema>;

export const PolicyHistorySchema = named(
  'PolicyHistory',
  z.object({
    policy: z.string(),
    identity: z.string(),
    period: z.enum(HISTORY_PERIODS),
    /** Of the policy as it is now; null: it was deleted. */
    contentHash: z.string().nullable(),
    all: HistoryFiguresSchema,
    launches: HistoryFiguresSchema,
    testRuns: HistoryFiguresSchema,
    unknownCause: HistoryFiguresSchema,
    contents: z.array(
      z.object({
        contentHash: z.string(),
        isPresent: z.boolean(),
        firstStartedAtMs: instant,
        lastStartedAtMs: instant,
        ...figures,
      }),
    ),
    projects: z.array(z.object({ project: z.string(), ...figures })),
    projectsLeftOut: z.number(),
    /** Days, or weeks from Monday, of UTC. */
    periods: z.array(z.object({ fromMs: instant, toMs: instant, ...figures })),
    periodsLeftOut: z.number(),
  }),
);
export type PolicyHistoryBody = z.output<typeof PolicyHistorySchema>;

const DURATION_MAX_MS = 31 * 86_400_000;
const INSTANT_MAX_MS = 8.64e15;

const wholeMs = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

const task = z
  .object({
    task: z.string().min(1).max(500),
    fromMs: wholeMs,
    toMs: wholeMs,
    platform: z.string().max(500).nullable(),
    cpuRequestMillis: wholeMs.nullable(),
    memoryRequestBytes: wholeMs.nullable(),
  })
  .refine(({ fromMs, toMs }) => fromMs <= toMs, 'must not end before it begins');

const profile = z.object({ tasks: z.array(task).max(TASKS_MAX), tasksLeftOut: wholeMs });
const usage = z.object({ cpuSeconds: z.number().min(0), peakMemoryBytes: z.number().min(0) });

export const PastRunSchema = named(
  'PastRun',
  z.object({
    id: z.string(),
    project: z.string(),
    branch: z.string().nullable(),
    contentHash: z.string(),
    configHash: z.string().nullable(),
    cause: z.enum(['launch', 'test-run']).nullable(),
    imported: z.boolean(),
    startedAtMs: instant,
    durationMs: z.number(),
    queuedMs: z.number().nullable(),
    outcome: z.enum(OUTCOMES),
    failureReason: z.string().nullable(),
    /** Summed over its jobs. */
    jobSeconds: z.number().nullable(),
    usage: usage.nullable(),
    profile: profile.nullable(),
  }),
);
export type PastRunBody = z.output<typeof PastRunSchema>;

export const PastRunsSchema = named(
  'PastRuns',
  z.object({ runs: z.array(PastRunSchema), next: z.string().nullable() }),
);

export const PastRunsQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(LIMITS.pageSize).default(100),
  before: z.string().min(1).max(100).optional(),
});

export const ImportRunsSchema = named(
  'ImportRuns',
  z.strictObject({
    runs: z
      .array(
        z.strictObject({
          id: line(1_000),
          project: line(500),
          branch: line(500).nullable().default(null),
          /** That of the policy as it is now, when left out. */
          contentHash: line(200).nullable().default(null),
          configHash: line(200).nullable().default(null),
          cause: z.enum(['launch', 'test-run']).nullable().default(null),
          startedAtMs: z.number().int().min(0).max(INSTANT_MAX_MS),
          durationMs: z.number().int().min(1).max(DURATION_MAX_MS),
          queuedMs: wholeMs.nullable().default(null),
          outcome: z.enum(OUTCOMES).default('succeeded'),
          failureReason: z.string().max(2_000).nullable().default(null),
          jobSeconds: z.number().min(0).max(1e12).nullable().default(null),
          usage: usage.nullable().default(null),
          profile: profile.nullable().default(null),
        }),
      )
      .min(1)
      .max(PAST_RUNS_AT_A_TIME),
  }),
);
export type ImportRunsBody = z.input<typeof ImportRunsSchema>;

export const ImportedRunsSchema = named(
  'ImportedRuns',
  z.object({ added: z.number(), known: z.number(), tooOld: z.number() }),
);
