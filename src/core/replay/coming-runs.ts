/**
 * Who may come: possible futures made of who came before. Each future is put together, two
 * hours at a time, from the arrivals of the same hours of earlier days, moved to now; as long
 * as there are few days, also from anywhere in what there is, taken round. Bursts and who
 * works beside whom stay as they were, which drawing each run alone would lose.
 *
 * Days count the more, the more their hours before this time of day were like the hours before
 * now, and the same days of the week most: a Monday is taken from Mondays and from busy days.
 *
 * Sources: the circular block bootstrap of Politis and Romano (1992); analogues chosen by
 * likeness, as Lorenz, "Atmospheric Predictability as Revealed by Naturally Occurring
 * Analogues", J. Atmos. Sci. 26 (1969).
 */
import type { DurationModel } from '../duration/model.ts';
import { runId } from '../model/run.ts';
import type { HeldRun } from '../model/snapshot.ts';
import { type Random, randomStream } from '../random/random.ts';
import type { PastRun } from './past-run.ts';
import { asHeld } from './world.ts';

const DAY_MS = 86_400_000;
const BLOCK_MS = 2 * 3_600_000;
/** Nothing is said about more than a week from now. */
const BLOCKS_MAX = (7 * DAY_MS) / BLOCK_MS;
/** With fewer earlier days to take from, blocks come from any time of day as well. */
const DAYS_ENOUGH = 2;
const DAYS_MAX = 28;
const WEEK_DAYS = 7;
/** How much more the same day of the week counts, and by how much each older day counts less. */
const SAME_DAY_FACTOR = 6;
const OLDER_FACTOR = 0.97;
/** Days are alike by the arrivals of so many hours; numbers of arrivals, as square roots, differ by this and are still alike. */
const ALIKE_MS = 6 * 3_600_000;
const ALIKE_WITHIN = 2;
/** The chance that the next block comes from the same day: busy days are busy for a while. */
const SAME_SOURCE = 0.6;
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
  const { runs, atMs, futures } = input;
  const sinceMs = Math.max(input.sinceMs, atMs - DAYS_MAX * DAY_MS);
  const before = runs.filter((run) => run.heldSinceMs <= atMs && run.heldSinceMs > sinceMs);
  if (before.length < ARRIVALS_MIN) return [[]];
  const past = new Past(before, sinceMs, atMs);
  const random = randomStream(input.seed, 'coming', atMs);
  return Array.from({ length: futures }, (_, place) => future(past, { ...input, random, place }));
}

function future(
  past: Past,
  input: ComingInput & { readonly random: Random; readonly place: number },
): readonly HeldRun[] {
  const { random, atMs, most, model, place } = input;
  const coming: HeldRun[] = [];
  let agoMs = past.pickAgo(random);
  for (let block = 0; block < BLOCKS_MAX && coming.length < most; block += 1) {
    if (block > 0 && random.next() >= SAME_SOURCE) agoMs = past.pickAgo(random);
    const fromMs = block * BLOCK_MS;
    past.each(fromMs, agoMs, (run, afterMs) => {
      if (coming.length === most) return;
      coming.push({
        ...asHeld(run, (one) => model.estimate(one)),
        // Sorted after every real one that came in the same millisecond.
        id: runId(`~coming-${place}-${coming.length}`),
        heldSinceMs: atMs + Math.max(1, Math.round(afterMs)),
      });
    });
  }
  return coming;
}

/** What came before, to be taken from. */
class Past {
  readonly #runs: readonly PastRun[];
  readonly #sinceMs: number;
  readonly #atMs: number;
  /** Sums of the weights of each day, the newest first. */
  readonly #upTo: readonly number[];

  constructor(runs: readonly PastRun[], sinceMs: number, atMs: number) {
    this.#runs = runs;
    this.#sinceMs = sinceMs;
    this.#atMs = atMs;
    const days = Math.floor((atMs - sinceMs) / DAY_MS);
    const now = Math.sqrt(this.#countUntil(atMs));
    let sum = 0;
    this.#upTo = Array.from({ length: days }, (_, at) => {
      const day = at + 1;
      const off = (Math.sqrt(this.#countUntil(atMs - day * DAY_MS)) - now) / ALIKE_WITHIN;
      // The hours before the oldest day may be missing, which is no likeness.
      const alike = 0.02 + Math.exp((-off * off) / 2);
      sum += alike * OLDER_FACTOR ** day * (day % WEEK_DAYS === 0 ? SAME_DAY_FACTOR : 1);
      return sum;
    });
  }

  #countUntil(untilMs: number): number {
    return this.#firstAfter(untilMs) - this.#firstAfter(untilMs - ALIKE_MS);
  }

  /** How long ago the time is that a block is taken from. */
  pickAgo(random: Random): number {
    const days = this.#upTo.length;
    const spanMs = this.#atMs - this.#sinceMs;
    // Of a single day the newest hours say most about the next.
    if (random.next() * DAYS_ENOUGH >= days) return random.next() ** 2 * Math.min(spanMs, DAY_MS);
    const share = random.next() * (this.#upTo[days - 1] as number);
    return DAY_MS * (1 + this.#upTo.findIndex((upTo) => upTo > share));
  }

  /** The arrivals of a block that begins so long after now, as of so long ago; in order. What lies beyond now is taken from earlier. */
  each(fromMs: number, agoMs: number, tell: (run: PastRun, afterMs: number) => void): void {
    const atMs = this.#atMs;
    const days = Math.round(agoMs / DAY_MS);
    const backMs = agoMs === days * DAY_MS ? agoMs : Math.min(atMs - this.#sinceMs, DAY_MS);
    let startMs = atMs - agoMs + fromMs;
    while (startMs >= atMs) startMs -= backMs;
    for (let doneMs = 0; doneMs < BLOCK_MS; ) {
      const endMs = Math.min(startMs + BLOCK_MS - doneMs, atMs);
      for (let at = this.#firstAfter(startMs); at < this.#firstAfter(endMs); at += 1) {
        const run = this.#runs[at] as PastRun;
        tell(run, fromMs + doneMs + run.heldSinceMs - startMs);
      }
      doneMs += Math.max(1, endMs - startMs);
      startMs = atMs - backMs;
    }
  }

  #firstAfter(ms: number): number {
    let low = 0;
    let high = this.#runs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#runs[middle] as PastRun).heldSinceMs <= ms) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
