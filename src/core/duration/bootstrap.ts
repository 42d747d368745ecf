/**
 * Bayesian bootstrap (Rubin, Annals of Statistics 9, 1981) of weighted runs, the weights scaled
 * to the effective number of runs, (sum w)^2 / sum w^2; prepared once for all replications.
 */
import { GammaShapes } from '../random/gamma.ts';
import type { Random } from '../random/random.ts';
import { cumulate } from './cumulated.ts';

/** A run of so small a weight is drawn in no replication. */
const SHAPE_MIN = 1e-3;

export class Bootstrap {
  readonly #weights: ArrayLike<number>;
  /** Those that are drawn, and where each lies among all. */
  readonly #shapes: GammaShapes;
  readonly #places: Int32Array;
  readonly #upTo: Float64Array;

  /** @param total the sum of the weights */
  constructor(weights: ArrayLike<number>, total: number) {
    let squares = 0;
    for (let i = 0; i < weights.length; i += 1) squares += (weights[i] as number) ** 2;
    const scale = total / squares;
    const shapes = Float64Array.from(weights, (weight) => weight * scale);
    const places = Int32Array.from(shapes.keys()).filter((place) => (shapes[place] as number) > SHAPE_MIN);
    this.#weights = weights;
    this.#shapes = new GammaShapes(Float64Array.from(places, (place) => shapes[place] as number));
    this.#places = places;
    this.#upTo = new Float64Array(weights.length);
  }

  /** The sum of drawn weights up to and with each run, the last above 0; valid until the next call, or in `upTo`. */
  draw(random: Random, upTo = this.#upTo): Float64Array {
    let sum = 0;
    let at = 0;
    for (let nth = 0; nth < this.#places.length; nth += 1) {
      const place = this.#places[nth] as number;
      for (; at < place; at += 1) upTo[at] = sum;
      sum += this.#shapes.draw(random, nth);
    }
    for (; at < upTo.length; at += 1) upTo[at] = sum;
    // All shares may come out as nothing when every shape is tiny.
    if (sum === 0) cumulate(this.#weights, upTo);
    return upTo;
  }
}
