/** The part of the contract about the shadow report. */
import { z } from 'zod';
import { HoldReasonSchema, instant, LIMITS, named } from '../contract.ts';

const waitFigures = z.object({
  meanMs: z.number(),
  medianMs: z.number(),
  p90Ms: z.number(),
  longestMs: z.number(),
});

const waitRow = z.object({ name: z.string(), runs: z.number(), real: waitFigures, penstock: waitFigures });

const poolUse = z.object({
  peak: z.number(),
  overMs: z.number(),
  meanShare: z.number().nullable(),
  idleWhileWaitingMs: z.number(),
  /** Mean use in each of the equal steps of the window. */
  line: z.array(z.number()),
});

const runChange = z.object({
  id: z.string(),
  tenant: z.string(),
  realStartMs: instant,
  penstockStartMs: instant,
  soonerMs: z.number(),
});

const changes = z.object({ runs: z.number(), totalMs: z.number(), largest: z.array(runChange) });

const instantScores = z.object({
  scored: z.number(),
  coverageP90: z.number(),
  coverage80: z.number(),
  medianBiasMs: z.number(),
  medianErrorMs: z.number(),
});

const forecastScores = z.object({
  moments: z.number(),
  starts: instantScores.nullable(),
  finishes: instantScores.nullable(),
});

const scoresByArrivals = z.object({ nothingNew: forecastScores, asBefore: forecastScores });

export const ShadowReportSchema = named(
  'ShadowReport',
  z.object({
    madeAtMs: instant,
    mode: z.enum(['enforce', 'shadow']),
    fromMs: instant,
    toMs: instant,
    isCut: z.boolean(),
    runs: z.number(),
    unfinished: z.number(),
    leftOut: z.object({ cancelledWaiting: z.number(), failedUnstarted: z.number() }),
    waits: z.object({
      all: waitRow.nullable(),
      tenants: z.array(waitRow),
      priorities: z.array(waitRow),
      pools: z.array(waitRow),
    }),
    fairness: z.object({ tenants: z.number(), real: z.number(), penstock: z.number() }).nullable(),
    busy: z.object({ fromMs: instant, toMs: instant }),
    pools: z.array(z.object({ name: z.string(), size: z.number(), real: poolUse, penstock: poolUse })),
    timeouts: z.object({
      real: z.number(),
      neverStarted: z.number(),
      crowded: z.number(),
      wouldNotHave: z.number(),
      first: z.array(z.string()),
    }),
    changes: z.object({ sooner: changes, later: changes, same: z.number() }),
    neverStart: z.object({
      runs: z.number(),
      first: z.array(z.object({ id: z.string(), reason: HoldReasonSchema })),
    }),
    allDoneAtMs: z.object({ real: instant, penstock: instant }).nullable(),
    forecasts: z.object({ penstock: scoresByArrivals, real: scoresByArrivals }),
    schedule: z.array(
      z.object({
        id: z.string(),
        tenant: z.string(),
        heldSinceMs: instant,
        realStartMs: instant,
        penstockStartMs: instant,
      }),
    ),
    assumptions: z.array(z.string()),
  }),
);

const instantQuery = z.coerce.number().int().min(0).max(8_640_000_000_000_000);
const sizeText = z.string().regex(/^.{1,200}=\d{1,7}$/, 'pool=units, as in runs=30');

export const ShadowReportQuery = z.strictObject({
  /** Milliseconds since the epoch; a day before the end when left out. */
  sinceMs: instantQuery.optional(),
  /** Now when left out. */
  untilMs: instantQuery.optional(),
  /** What if a pool had another size: `runs=30`; may be given several times. */
  size: z.union([sizeText.transform((text) => [text]), z.array(sizeText).max(LIMITS.requests)]).default([]),
  /** Rows of the schedule; the first of them. */
  limit: z.coerce.number().int().min(0).max(LIMITS.queueEntries).default(1000),
});
