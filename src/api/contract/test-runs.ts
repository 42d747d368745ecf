/** The bodies about test runs: what is asked for, and what is told of one. */
import { z } from 'zod';
import { TEST_RUN_STATES } from '../../core/model/test-run.ts';
import { instant, line, named, projectName } from '../contract.ts';

export const AskTestRunSchema = named(
  'AskTestRun',
  z.strictObject({
    project: projectName(255),
    /** The default branch when left out. */
    branch: line(255).nullable().default(null),
  }),
);

/** Whoever repeats a request with the same key within a day gets the first answer. */
export const IdempotencyHeaders = z.looseObject({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{8,200}$/, 'must be 8 to 200 printable characters without spaces')
    .optional(),
});

export const TestRunSchema = named(
  'TestRun',
  z.object({
    id: z.string(),
    /** Name of the policy when the test run was asked for. */
    policy: z.string(),
    /** Of the policy; survives its renaming. */
    identity: z.string(),
    /** The policy as it was. */
    contentHash: z.string(),
    configHash: z.string(),
    project: z.string(),
    branch: z.string().nullable(),
    askedBy: z.string(),
    askedAtMs: instant,
    state: z.enum(TEST_RUN_STATES),
    /** Null while, or where, it says nothing about the policy: cancelled, skipped, never started. */
    verdict: z.enum(['success', 'failure']).nullable(),
    /** Its end was ordered and has not come yet. */
    ending: z.boolean(),
    runId: z.string().nullable(),
    startedAtMs: instant.nullable(),
    endedAtMs: instant.nullable(),
    queuedMs: z.number().nullable(),
    durationMs: z.number().nullable(),
    reason: z.string().nullable(),
    /** Null where nothing measured it. */
    resources: z.object({
      cpuSeconds: z.number().nullable(),
      peakMemoryBytes: z.number().nullable(),
      jobSeconds: z.number().nullable(),
      artifactBytes: z.number().nullable(),
    }),
  }),
);
export type TestRunBody = z.output<typeof TestRunSchema>;

export const TestRunsSchema = named(
  'TestRuns',
  z.object({ testRuns: z.array(TestRunSchema), next: z.string().nullable() }),
);

export const TestRunsQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  /** `next` of the page before. */
  before: z.string().min(1).max(100).optional(),
});

export const TestRunParams = z.object({
  name: z.string().min(1).max(255),
  id: z.string().min(1).max(100),
});
