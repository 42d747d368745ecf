/** What goes over a stream of events: the data of each, as JSON. */
import { z } from 'zod';
import { instant, named, QuantilesSchema, RunSchema } from '../contract.ts';
import { OccurrenceSchema, PolicySchema } from './policies.ts';
import { TestRunSchema } from './test-runs.ts';

export const RESET_REASONS = [
  /** `Last-Event-ID` is of another process, or of none. */
  'other-process',
  /** What came after `Last-Event-ID` is not known in full any more. */
  'too-old',
  /** More changed than this stream could take. */
  'fell-behind',
] as const;
export type ResetReason = (typeof RESET_REASONS)[number];

const forecast = z.object({
  madeAtMs: instant,
  runs: z.number(),
  replications: z.number(),
  finishAtMs: QuantilesSchema,
  lastStartAtMs: QuantilesSchema,
  timeouts: QuantilesSchema,
});

/** Each `kind` is also the name of the event. */
export const EventSchema = named(
  'Event',
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('run'), run: RunSchema }),
    z.object({ kind: z.literal('test-run'), testRun: TestRunSchema }),
    z.object({
      kind: z.literal('gone'),
      what: z.enum(['run', 'test-run']),
      id: z.string(),
      project: z.string(),
    }),
    z.object({ kind: z.literal('policy'), name: z.string(), policy: PolicySchema.nullable() }),
    z.object({ kind: z.literal('occurrence'), policy: z.string(), occurrence: OccurrenceSchema }),
    z.object({ kind: z.literal('forecast'), forecast }),
    /** Something may have been missed: list again what is needed; the stream goes on from here. */
    z.object({ kind: z.literal('reset'), reason: z.enum(RESET_REASONS) }),
  ]),
);

export const EventHeaders = z.looseObject({
  /** The `id` of the last event that was received. */
  'last-event-id': z.string().max(200).optional(),
});
