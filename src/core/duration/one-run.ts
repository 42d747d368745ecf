/**
 * Draws of single runs from all that a belief expects, each run for itself: some runs of a
 * series go their own way, whatever is right of the others.
 *
 * Always true: a draw is distributed as the quantiles of the belief say, and costs no more
 * than two searches, since there is one for many a run.
 */
import { normal } from '../random/normal.ts';
import type { Random } from '../random/random.ts';
import type { Belief } from './belief.ts';
import { cumulated, pick } from './cumulated.ts';
import { CENTRE_KINDS, EVERYTHING, OWN_EXPERTS, SPREAD_COUNT, SPREADS } from './experts.ts';
import type { Weighted } from './neighbours.ts';
import { centreOf, type RunWeights } from './own-past.ts';

/** Normals, of which each expert is one or a choice of some. */
interface Normals {
  readonly centres: ArrayLike<number>;
  readonly upTo: Float64Array;
  readonly deviation: number;
}

export class OneRunDraws {
  readonly #belief: Belief;
  readonly #upTo: Float64Array;
  readonly #weightings: readonly RunWeights[];
  readonly #runs: readonly Float64Array[];
  /** By expert, made when first asked. */
  readonly #normals: (Normals | undefined)[] = [];

  /** @param own the weight of each past run by kind, and where the normals around them are centred by spread */
  constructor(
    belief: Belief,
    own: { readonly weightings: readonly RunWeights[]; readonly runs: readonly Float64Array[] },
  ) {
    this.#belief = belief;
    this.#upTo = cumulated(belief.weights);
    this.#weightings = own.weightings;
    this.#runs = own.runs;
  }

  /** ln milliseconds. */
  draw(random: Random): number {
    const expert = pick(this.#upTo, random);
    if (expert === EVERYTHING) {
      const { centre, deviation } = this.#belief.everything.pick(random.next(), this.#belief.track.count > 0);
      return centre + deviation * normal(random);
    }
    this.#normals[expert] ??= this.#normalsOf(expert);
    const { centres, upTo, deviation } = this.#normals[expert];
    const at = upTo.length === 1 ? 0 : pick(upTo, random);
    return (centres[at] as number) + deviation * normal(random);
  }

  #normalsOf(expert: number): Normals {
    const s = expert % SPREAD_COUNT;
    const spread = SPREADS[s] as number;
    const kind = Math.floor(expert / SPREAD_COUNT);
    const { track, everything, neighbours } = this.#belief;
    if (kind < CENTRE_KINDS) {
      const weighting = this.#weightings[kind] as RunWeights;
      const { mean, variance } = centreOf(track.values, weighting, spread, everything.common());
      const deviation = Math.sqrt(spread * spread + variance);
      return { centres: [mean], upTo: Float64Array.of(1), deviation };
    }
    if (expert < OWN_EXPERTS) {
      const { weights } = this.#weightings[kind] as RunWeights;
      return { centres: this.#runs[s] as Float64Array, upTo: cumulated(weights), deviation: spread };
    }
    const of = neighbours[kind - OWN_EXPERTS / SPREAD_COUNT] as Weighted;
    return { centres: of.values, upTo: cumulated(of.weights), deviation: spread };
  }
}
