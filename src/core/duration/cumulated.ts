/** Choices by weight, from the sums of the weights. */
import type { Random } from '../random/random.ts';
import { firstAbove } from './expectation.ts';

/** Sums of the weights up to and with each. */
export function cumulated(weights: ArrayLike<number>): Float64Array {
  const upTo = new Float64Array(weights.length);
  cumulate(weights, upTo);
  return upTo;
}

export function cumulate(weights: ArrayLike<number>, upTo: Float64Array): void {
  let sum = 0;
  for (let i = 0; i < weights.length; i += 1) {
    sum += weights[i] as number;
    upTo[i] = sum;
  }
}

/** Each place by its weight. */
export function pick(upTo: Float64Array, random: Random): number {
  return firstAbove(upTo, random.next() * (upTo[upTo.length - 1] as number));
}
