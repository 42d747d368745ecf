/** Draws from a seeded stream, in the words the plans of a simulation use. */
import { normal } from '../src/core/random/normal.ts';
import { below, type Random } from '../src/core/random/random.ts';

export function chance(random: Random, probability: number): boolean {
  return random.next() < probability;
}

/** Whole number in [from, to]. */
export function between(random: Random, from: number, to: number): number {
  return from + below(random, to - from + 1);
}

/** Whole number in [from, to], small ones as likely as big ones are rare: uniform in the logarithm. */
export function scaled(random: Random, from: number, to: number): number {
  return Math.round(from * (to / from) ** random.next());
}

export function pick<T>(random: Random, items: readonly T[]): T {
  return items[below(random, items.length)] as T;
}

/** Whole number >= 1 around `median`. */
export function lognormal(random: Random, median: number, sigma: number): number {
  return Math.max(1, Math.round(median * Math.exp(sigma * normal(random))));
}
