/**
 * Who may come: possible futures made of who came before. Each future is the arrivals of the
 * time before a moment, moved to after it: from the same time of day of an earlier day where
 * there are some days to take from, and otherwise from anywhere in what there is, taken round.
 * Bursts and who works beside whom stay as they were, which drawing each run alone would lose.
 *
 * Days count the more, the more their hours before this time of day were like the hours before
 * now, and the same days of the week most: a Monday is taken from Mondays and from busy days.
 *
 * Sources: the circular block bootstrap of Politis and Romano (1992), with blocks as long as
 * the time looked back; analogues chosen by likeness, as Lorenz, "Atmospheric Predictability
 * as Revealed by Naturally Occurring Analogues", J. Atmos. Sci. 26 (1969).
 */
import type { DurationModel } from '../duration/model.ts';
import { runId } from '../model/run.ts';
import type { HeldRun } from '../model/snapshot.ts';
import { type Random, randomStream } from '../random/random.ts';
import type { PastRun } from './past-run.ts';
import { asHeld } from './world.ts';

const DAY_MS = 86_400_000;
/** From so many earlier days on, the time of day is kept. */
const DAYS_MIN = 3;
const DAYS_MAX = 28;
const WEEK_DAYS = 7;
/** How much more the same day of the week counts, and by how much each older day counts less. */
const SAME_DAY_FACTOR = 6;
const OLDER_FACTOR = 0.97;
/** Days are alike by the arrivals of so many hours; numbers of arrivals, as square roots, differ by this and are still alike. */
const ALIKE_MS = 6 * 3_600_000;
const ALIKE_WITHIN = 1.5;
/** Nothing can be said about who comes from less than this many arrivals. */
const ARRIVALS_MIN = 10;

export interface ComingInput {
  /** By held since; those after `atMs` are not looked at. */
  readonly runs: readonly PastRun[];
  readonly sinceMs: number;
  readonly atMs: number;
  readonly model: DurationModel;
  readonly futures: number;
  /** Runs of one future, the first to come. */
  readonly most: number;
  readonly seed: number;
}

export function comingRuns(input: ComingInput): readonly (readonly HeldRun[])[] {
  const { runs, sinceMs, atMs, futures } = input;
  const lookedMs = atMs - sinceMs;
  const days = Math.min(DAYS_MAX, Math.floor(lookedMs / DAY_MS));
  const backMs = days >= DAYS_MIN ? days * DAY_MS : Math.min(lookedMs, DAY_MS);
  const before = runs.filter((run) => run.heldSinceMs <= atMs && run.heldSinceMs >= atMs - backMs);
  if (before.length < ARRIVALS_MIN) return [[]];
  const random = randomStream(input.seed, 'coming', atMs);
  const aheadMs = days >= DAYS_MIN ? alikeDays(before, { atMs, days, futures, random }) : null;
  return Array.from({ length: futures }, (_, place) =>
    future(before, {
      ...input,
      backMs,
      aheadMs: Math.floor(aheadMs?.[place] ?? random.next() * backMs),
      place,
    }),
  );
}

/** For each future, how long ago the day was that it is taken from; in whole days, the likelier ones more often. */
function alikeDays(
  before: readonly PastRun[],
  {
    atMs,
    days,
    futures,
    random,
  }: { readonly atMs: number; readonly days: number; readonly futures: number; readonly random: Random },
): readonly number[] {
  const countUntil = (untilMs: number): number =>
    before.filter(({ heldSinceMs }) => heldSinceMs > untilMs - ALIKE_MS && heldSinceMs <= untilMs).length;
  const now = Math.sqrt(countUntil(atMs));
  const weights = Array.from({ length: days }, (_, at) => {
    const day = at + 1;
    const off = (Math.sqrt(countUntil(atMs - day * DAY_MS)) - now) / ALIKE_WITHIN;
    const alike = 1e-3 + Math.exp((-off * off) / 2);
    return alike * OLDER_FACTOR ** day * (day % WEEK_DAYS === 0 ? SAME_DAY_FACTOR : 1);
  });
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  // One random number places them all, so that each day comes as often as its weight says.
  const offset = random.next();
  let day = 1;
  let upTo = weights[0] as number;
  return Array.from({ length: futures }, (_, place) => {
    const share = ((place + offset) / futures) * total;
    while (upTo < share && day < days) {
      upTo += weights[day] as number;
      day += 1;
    }
    return day * DAY_MS;
  });
}

interface FutureInput extends ComingInput {
  readonly backMs: number;
  /** What came so long before now comes now. */
  readonly aheadMs: number;
  readonly place: number;
}

function future(before: readonly PastRun[], input: FutureInput): readonly HeldRun[] {
  const { atMs, backMs, aheadMs, most, model, place } = input;
  const moved = before.map((run) => {
    const sinceMs = run.heldSinceMs - (atMs - aheadMs);
    return { run, afterMs: sinceMs > 0 ? sinceMs : sinceMs + backMs };
  });
  return moved
    .sort((a, b) => a.afterMs - b.afterMs)
    .slice(0, most)
    .map(({ run, afterMs }, nth) => ({
      ...asHeld(run, (one) => model.estimate(one)),
      // Sorted after every real one that came in the same millisecond.
      id: runId(`~coming-${place}-${nth}`),
      heldSinceMs: atMs + Math.max(1, Math.round(afterMs)),
    }));
}
