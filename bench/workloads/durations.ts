/** A generated history: many series, log-normal, taking their runs by turns. */
import type { DurationSample } from '../../src/core/duration/model.ts';
import type { Estimate } from '../../src/core/model/run.ts';
import { normal } from '../../src/core/random/normal.ts';
import { randomStream } from '../../src/core/random/random.ts';

export const FIRST: Estimate = { p50Ms: 60_000, p90Ms: 300_000 };

export function history(samples: number, series: number): readonly DurationSample[] {
  const random = randomStream(1, 'bench history');
  const centre = Float64Array.from({ length: series }, () => Math.log(60_000) + 1.5 * normal(random));
  const spread = Float64Array.from({ length: series }, () => Math.exp(-1.2 + 0.8 * normal(random)));
  return Array.from({ length: samples }, (_, nth) => {
    const at = nth % series;
    const y = (centre[at] as number) + (spread[at] as number) * normal(random);
    return {
      project: `project-${at}`,
      tenant: `tenant-${at % 50}`,
      contentHash: `content-${at % 500}`,
      startedAtMs: nth * 1_000,
      durationMs: Math.round(Math.exp(y)) + 1,
      outcome: 'succeeded',
    };
  });
}
