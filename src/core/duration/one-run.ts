/**
 * Draws of single runs from all that a belief expects, each run for itself: some runs of a
 * series go their own way, whatever is right of the others.
 *
 * Always true: draws are distributed as the quantiles of the belief say, to the fineness of
 * the places below; a draw costs a look into a table, since there is one for many a run.
 */
import { normal } from '../random/normal.ts';
import type { Random } from '../random/random.ts';
import { addSeen, type Belief } from './belief.ts';
import { EVERYTHING } from './experts.ts';
import { NormalMixture } from './normal-mixture.ts';

/** Four KB a series. */
const PLACES = 256;

export class OneRunDraws {
  readonly #belief: Belief;
  readonly #isSeen: boolean;
  readonly #anything: number;
  /** Made when first asked for. */
  #places: { readonly centre: Float64Array; readonly deviation: Float64Array } | null = null;

  constructor(belief: Belief) {
    this.#belief = belief;
    this.#isSeen = belief.track.count > 0;
    this.#anything = belief.weights[EVERYTHING] as number;
  }

  /** ln milliseconds. @param share of all that is expected, uniform in [0, 1): it chooses what this run is like */
  draw(share: number, random: Random): number {
    if (share < this.#anything) {
      const { centre, deviation } = this.#belief.everything.pick(share / this.#anything, this.#isSeen);
      return centre + deviation * normal(random);
    }
    this.#places ??= placesOf(this.#belief);
    const place = Math.floor(((share - this.#anything) / (1 - this.#anything)) * PLACES);
    const { centre, deviation } = this.#places;
    return (centre[place] as number) + (deviation[place] as number) * normal(random);
  }
}

function placesOf(belief: Belief): { readonly centre: Float64Array; readonly deviation: Float64Array } {
  const seen = new NormalMixture();
  addSeen(belief, 1, seen);
  return seen.inPlaces(PLACES);
}
