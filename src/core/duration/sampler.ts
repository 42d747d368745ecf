/**
 * Draws for one series in one replication. How often it fails, which expert is right, and
 * that expert's parameters are drawn once; then each run from them. Runs of one series share
 * their luck: independent draws would make errors about a series cancel out, and the range of
 * a total far too narrow. Series that were never seen share the luck of their content.
 */
import { gamma } from '../random/gamma.ts';
import type { Random } from '../random/random.ts';
import type { Belief } from './belief.ts';
import { BeliefDraws } from './belief-draws.ts';
import type { FailureShare, HangShare } from './endings.ts';
import type { Expectation } from './expectation.ts';
import type { DurationSampler, Luck } from './model.ts';

/** Below this chance of having lasted so long the model has nothing to say about what remains. */
const SURVIVAL_MIN = 1e-9;
/** The least a run still takes, as a share of what it has taken: it is running. */
const REMAINING_MIN = 1e-9;
/** Experts asked anew when the run has outlived what the last one expected; then that one has to do. */
const EXPERTS_ASKED = 20;
/** What hangs goes on until its timeout; where there is none somebody ends it, it is assumed after a day. */
export const HUNG_MS = 86_400_000;

export interface Prospect {
  /** Null when no run ever hung. */
  readonly hangs: HangShare | null;
  readonly failures: FailureShare;
  readonly succeeding: Belief;
  /** Null when failures are too rare to matter. */
  readonly failing: Belief | null;
}

/** Draws of a series, prepared once for all replications. */
export class ProspectDraws {
  readonly #hangs: HangShare | null;
  readonly #failures: FailureShare;
  readonly #succeeding: BeliefDraws;
  readonly #failing: BeliefDraws | null;

  constructor({ hangs, failures, succeeding, failing }: Prospect) {
    this.#hangs = hangs;
    this.#failures = failures;
    this.#succeeding = new BeliefDraws(succeeding);
    this.#failing = failing === null ? null : new BeliefDraws(failing);
  }

  sampler(luck: Luck): DurationSampler {
    const ending = this.#endingSampler(luck);
    if (this.#hangs === null) return ending;
    const { hung, ended, remembered } = this.#hangs;
    // How often runs hang at all is known no better than from the hangs there were.
    const often = gamma(luck.all(), 1 + remembered) / (1 + remembered);
    const share = drawnShare(luck.own, hung * often, ended);
    return {
      draw: (draws, elapsedMs) => {
        const lasting = elapsedMs > 0 ? this.#above(Math.log(elapsedMs)) : 1;
        const chance = share / Math.max(Number.MIN_VALUE, share + (1 - share) * lasting);
        return draws.next() < chance ? Math.max(HUNG_MS, 2 * elapsedMs) : ending.draw(draws, elapsedMs);
      },
    };
  }

  /** Of a run that does not hang. */
  #endingSampler(luck: Luck): DurationSampler {
    const good = this.#succeeding;
    const bad = this.#failing;
    const expected = good.expectation(luck);
    if (bad === null) return { draw: (draws, elapsedMs) => drawMs(good, expected, draws, elapsedMs) };
    const share = drawnShare(luck.own, this.#failures.failed, this.#failures.succeeded);
    const expectedBad = bad.expectation(luck);
    return {
      draw(draws, elapsedMs) {
        let chance = share;
        if (elapsedMs > 0) {
          const y = Math.log(elapsedMs);
          const lasting = share * bad.above(y);
          chance = lasting / Math.max(Number.MIN_VALUE, lasting + (1 - share) * good.above(y));
        }
        return draws.next() < chance
          ? drawMs(bad, expectedBad, draws, elapsedMs)
          : drawMs(good, expected, draws, elapsedMs);
      },
    };
  }

  #above(y: number): number {
    const good = this.#succeeding.above(y);
    if (this.#failing === null) return good;
    const { failed, succeeded } = this.#failures;
    const share = failed / (failed + succeeded);
    return share * this.#failing.above(y) + (1 - share) * good;
  }
}

/** A draw of a beta distribution. */
function drawnShare(random: Random, hits: number, misses: number): number {
  const drawn = gamma(random, hits);
  return drawn / (drawn + gamma(random, misses));
}

/**
 * A run that takes long already makes the experts likely that expected it: the one of this
 * replication is kept with the chance it gave to that, else another is asked.
 */
function drawMs(draws: BeliefDraws, first: Expectation, random: Random, elapsedMs: number): number {
  if (elapsedMs <= 0) return Math.exp(draws.draw(first, random));
  const y = Math.log(elapsedMs);
  let expected = first;
  for (let asked = 1; asked < EXPERTS_ASKED && random.next() >= expected.above(y); asked += 1) {
    expected = draws.another(random);
  }
  // Older than anything expected: assume as much again, at most.
  if (expected.above(y) < SURVIVAL_MIN) return elapsedMs * (2 - random.next());
  return Math.max(elapsedMs * (1 + REMAINING_MIN), Math.exp(expected.drawAbove(random, y)));
}
