/** Log-normal durations by mean and coefficient of variation, as the peers draw them. */
import { normal } from '../../src/core/random/normal.ts';
import type { Random } from '../../src/core/random/random.ts';

/** The standard normal's 90th percentile. */
const Z90 = 1.2815515655446004;

export interface LogNormal {
  readonly meanMs: number;
  readonly variation: number;
  readonly medianMs: number;
  readonly p90Ms: number;
  /** Draws whole milliseconds, at least 1, into all of `into`. */
  fill(into: Float64Array, random: Random): void;
}

export function logNormal({ meanMs, variation }: { meanMs: number; variation: number }): LogNormal {
  const varianceOfLog = Math.log(1 + variation * variation);
  const mu = Math.log(meanMs) - varianceOfLog / 2;
  const sigma = Math.sqrt(varianceOfLog);
  return {
    meanMs,
    variation,
    medianMs: Math.exp(mu),
    p90Ms: Math.exp(mu + Z90 * sigma),
    fill(into, random) {
      for (let i = 0; i < into.length; i += 1) {
        into[i] = Math.max(1, Math.round(Math.exp(mu + sigma * normal(random))));
      }
    },
  };
}
