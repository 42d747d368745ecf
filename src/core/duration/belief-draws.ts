/**
 * A belief made ready to draw from: in each replication one expert is right of most runs of
 * the series, with parameters as uncertain as the samples leave them, and some runs go their
 * own way (one-run.ts).
 *
 * What is drawn about a series without samples is drawn from its content's luck, so that all
 * projects on which a content was never run err together; each adds its own.
 */
import { normal } from '../random/normal.ts';
import type { Random } from '../random/random.ts';
import { addExpected, type Belief } from './belief.ts';
import { Bootstrap } from './bootstrap.ts';
import { cumulated, pick } from './cumulated.ts';
import { type Expectation, NormalExpectation, RunsExpectation } from './expectation.ts';
import { CENTRE_KINDS, EVERYTHING, OWN_EXPERTS, SPREAD_COUNT, SPREADS } from './experts.ts';
import { lastingWeights } from './lasting.ts';
import type { Luck } from './model.ts';
import type { Weighted } from './neighbours.ts';
import { NormalMixture } from './normal-mixture.ts';
import { OneRunDraws } from './one-run.ts';
import { type CommonCentre, centreOf, type RunWeights, runWeights, shrinkage } from './own-past.ts';

/**
 * So many runs go their own way, once a series has runs to compare. Without any, a series is
 * wild in all its runs or in none; with more, errors about a series cancel out that do not.
 */
const OWN_WAY = 0.3;
const OWN_WAY_FROM = 2;
/** Of the variance among series at most this share lies within them. */
const WITHIN_MAX = 0.5;
/** Of the variance between unknown series, the share common to those of one content. */
const OF_CONTENT = 0.7;

export class BeliefDraws {
  readonly #belief: Belief;
  readonly #expertsUpTo: Float64Array;
  readonly #withinUpTo: Float64Array;
  readonly #weightings: readonly RunWeights[];
  /** By kind of own experts and by kind of neighbours; made when first asked for. */
  readonly #bootstraps = new Map<number, Bootstrap>();
  /** By spread: where the normals around past runs are centred. */
  readonly #runs: readonly Float64Array[];
  /** By past run, in this replication. */
  readonly #upTo: Float64Array;
  readonly #oneRun: OneRunDraws;
  readonly #ownWay: number;
  #expected: NormalMixture | null = null;

  constructor(belief: Belief) {
    this.#belief = belief;
    this.#expertsUpTo = cumulated(lastingWeights(belief));
    this.#withinUpTo = cumulated(belief.within());
    const { values } = belief.track;
    this.#upTo = new Float64Array(values.length);
    this.#weightings = values.length > 0 ? runWeights(values) : [];
    this.#runs = values.length > 0 ? shrunk(values, belief.everything.common()) : [];
    this.#oneRun = new OneRunDraws(belief);
    this.#ownWay = belief.track.count >= OWN_WAY_FROM ? OWN_WAY : 0;
  }

  /** Chance of a run longer than y, ln milliseconds, over all experts. */
  above(y: number): number {
    if (this.#expected === null) {
      this.#expected = new NormalMixture();
      addExpected(this.#belief, 1, this.#expected);
    }
    return 1 - this.#expected.below(y);
  }

  /** One run of the series that has not started, ln milliseconds. @param expected of this replication */
  draw(expected: Expectation, random: Random): number {
    if (this.#ownWay === 0) return expected.draw(random);
    const share = random.next() / this.#ownWay;
    return share < 1 ? this.#oneRun.draw(share, random) : expected.draw(random);
  }

  /** Draws the expert of one replication, and its parameters. Valid until the next call. */
  expectation(luck: Luck): Expectation {
    return this.#expect(luck, this.#upTo);
  }

  /** Draws another beside it, which stays valid. */
  another(random: Random): Expectation {
    const luck = { own: random, content: () => random, all: () => random };
    return this.#expect(luck, new Float64Array(this.#upTo.length));
  }

  /** @param upTo room for the weights of past runs */
  #expect(luck: Luck, upTo: Float64Array): Expectation {
    const common = this.#belief.track.count === 0 ? luck.content() : luck.own;
    const expert = pick(this.#expertsUpTo, common);
    if (expert === EVERYTHING) return this.#anywhere(common, luck.own);
    const spread = SPREADS[expert % SPREAD_COUNT] as number;
    const kind = Math.floor(expert / SPREAD_COUNT);
    if (kind < CENTRE_KINDS) return this.#aroundCentre(kind, spread, luck.own);
    if (expert < OWN_EXPERTS) return this.#likeRuns({ kind, spread, upTo }, luck.own);
    return this.#likeNeighbours(kind, spread, { common, own: luck.own });
  }

  #aroundCentre(kind: number, spread: number, random: Random): Expectation {
    const { track, everything } = this.#belief;
    const { mean, variance } = centreOf(
      track.values,
      this.#weightings[kind] as RunWeights,
      spread,
      everything.common(),
    );
    return new NormalExpectation(mean + Math.sqrt(variance) * normal(random), spread);
  }

  #likeRuns(
    { kind, spread, upTo }: { kind: number; spread: number; upTo: Float64Array },
    random: Random,
  ): Expectation {
    const { weights, total } = this.#weightings[kind] as RunWeights;
    const runs = this.#runs[SPREADS.indexOf(spread)] as Float64Array;
    return new RunsExpectation(runs, this.#bootstrap(kind, weights, total).draw(random, upTo), spread);
  }

  /** The spread is that between neighbours and within each of them together. */
  #likeNeighbours(kind: number, spread: number, random: { common: Random; own: Random }): Expectation {
    const of = this.#belief.neighbours[kind - OWN_EXPERTS / SPREAD_COUNT] as Weighted;
    const upTo = this.#bootstrap(kind, of.weights, 1).draw(random.common);
    const around = of.values[pick(upTo, random.own)] as number;
    const within = Math.min(this.#drawWithin(random.common), spread * Math.sqrt(WITHIN_MAX));
    const between = Math.sqrt(spread * spread - within * within);
    // The fewer neighbours there are, the more their common error is that of all who rely on them.
    const shared = 1 / (of.values.length + 1);
    const off = Math.sqrt(shared) * normal(random.common) + Math.sqrt(1 - shared) * normal(random.own);
    return new NormalExpectation(around + between * off, within);
  }

  /** Anywhere where runs are: of a series with runs, since it may change for good; else as its content. */
  #anywhere(random: Random, own: Random): Expectation {
    const isSeen = this.#belief.track.count > 0;
    const { centre, deviation, isFirstEstimate } = this.#belief.everything.pick(random.next(), isSeen);
    if (isSeen) {
      const within = Math.min(this.#drawWithin(random), deviation * Math.SQRT1_2);
      const between = Math.sqrt(deviation * deviation - within * within);
      return new NormalExpectation(centre + between * normal(own), within);
    }
    if (isFirstEstimate) {
      // Half of what it leaves open lies between series, half within them, since nothing tells which it is.
      const each = deviation * Math.SQRT1_2;
      return new NormalExpectation(centre + each * shareOut(random, own), each);
    }
    const { mean, variance } = this.#belief.everything.common();
    const within = Math.min(this.#drawWithin(random), Math.sqrt(variance * WITHIN_MAX));
    const off = centre + deviation * normal(random) - mean;
    const between = Math.sqrt(OF_CONTENT) * off + Math.sqrt((1 - OF_CONTENT) * variance) * normal(own);
    return new NormalExpectation(mean + Math.sqrt(1 - (within * within) / variance) * between, within);
  }

  #bootstrap(kind: number, weights: ArrayLike<number>, total: number): Bootstrap {
    let bootstrap = this.#bootstraps.get(kind);
    if (bootstrap === undefined) {
      bootstrap = new Bootstrap(weights, total);
      this.#bootstraps.set(kind, bootstrap);
    }
    return bootstrap;
  }

  #drawWithin(random: Random): number {
    return SPREADS[pick(this.#withinUpTo, random)] as number;
  }
}

/** A standard normal, in part common to the series of a content. */
function shareOut(random: Random, own: Random): number {
  return Math.sqrt(OF_CONTENT) * normal(random) + Math.sqrt(1 - OF_CONTENT) * normal(own);
}

function shrunk(values: Float64Array, common: CommonCentre): readonly Float64Array[] {
  const { middle, middles, factors } = shrinkage(values, common);
  return factors.map((factor, s) =>
    values.map((value) => (middles[s] as number) + factor * (value - middle)),
  );
}
