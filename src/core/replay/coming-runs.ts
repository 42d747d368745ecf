/**
 * Who may come: possible futures made of who came before. Each future is the arrivals of the
 * time before a moment, moved to after it: from the same time of day of an earlier day where
 * there are some days to take from, and otherwise from anywhere in what there is, taken round.
 * Bursts and who works beside whom stay as they were, which drawing each run alone would lose.
 *
 * Source: the circular block bootstrap of Politis and Romano (1992), with blocks as long as
 * the time looked back.
 */
import type { DurationModel } from '../duration/model.ts';
import { runId } from '../model/run.ts';
import type { HeldRun } from '../model/snapshot.ts';
import { randomStream } from '../random/random.ts';
import type { PastRun } from './past-run.ts';
import { asHeld } from './world.ts';

const DAY_MS = 86_400_000;
/** From so many earlier days on, the time of day is kept. */
const DAYS_MIN = 3;
const DAYS_MAX = 7;
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
  return Array.from({ length: futures }, (_, place) => {
    const aheadMs =
      days >= DAYS_MIN
        ? DAY_MS * (1 + ((place + Math.floor(random.next() * days)) % days))
        : random.next() * backMs;
    return future(before, { ...input, backMs, aheadMs: Math.floor(aheadMs), place });
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
