/** Gamma random numbers: the weights of the Bayesian bootstrap are made of them. */
import { normal } from './normal.ts';
import type { Random } from './random.ts';

/** Section 4 of the source. */
const SQUEEZE = 0.0331;

/**
 * Gamma with the given shape and rate 1.
 * Source: Marsaglia and Tsang, "A Simple Method for Generating Gamma Variables", ACM TOMS 26 (2000).
 */
export function gamma(random: Random, shape: number): number {
  if (shape < 1) return gamma(random, shape + 1) * (1 - random.next()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal(random);
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    const u = 1 - random.next();
    // What this lets pass the logarithms would too, and it is nearly everything.
    if (u < 1 - SQUEEZE * (x * x) * (x * x)) return d * v;
    if (Math.log(u) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}
