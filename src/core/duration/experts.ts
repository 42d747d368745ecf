/**
 * The experts: simple forecasters of the next run of a series, of which the model is a
 * mixture. Each says "a normal in log time around something": around the centre of the
 * series' own past, around one of its past runs, around what neighbours took; and each kind
 * comes with several spreads, so that steady, wild and multi-modal series find theirs.
 *
 * This file numbers them. Always true: an expert's number is its kind times the number of
 * spreads plus its spread; the last one stands for everything that was ever measured.
 */

/** Standard deviations in log time, about a factor of 3 apart: from always the same to anything. */
export const SPREADS: readonly number[] = [0.007, 0.02, 0.06, 0.18, 0.5, 1.3];
export const SPREAD_COUNT = SPREADS.length;

/**
 * What an expert looks at. Of the series' own past: its centre or its runs, with a short or a
 * long memory; or its runs that followed one like the newest. Of its neighbours: their runs.
 */
export const KINDS = [
  'centre-short',
  'centre-long',
  'runs-short',
  'runs-long',
  'runs-alike',
  'project',
  'content',
  'tenant',
] as const;

export const CENTRE_KINDS = 2;
export const OWN_KINDS = 5;
export const OWN_EXPERTS = OWN_KINDS * SPREAD_COUNT;
/** The expert that knows all runs of the installation and nothing of this series. */
export const EVERYTHING = KINDS.length * SPREAD_COUNT;
export const EXPERTS = EVERYTHING + 1;

/** The ways of a series, which last: one of the spreads around its own past, or as its neighbours, or as everything. */
export const WAYS = SPREAD_COUNT + 2;

export function wayOf(expert: number): number {
  if (expert < OWN_EXPERTS) return expert % SPREAD_COUNT;
  return expert === EVERYTHING ? SPREAD_COUNT + 1 : SPREAD_COUNT;
}

/**
 * With how many samples of its own a series is; forecasts of each bucket learn their own
 * weights: 0, 1, 2, 3-4, 5-9, 10-19, 20 and more.
 */
export const BUCKET_FROM: readonly number[] = [0, 1, 2, 3, 5, 10, 20];
export const BUCKETS = BUCKET_FROM.length;

export function bucketOf(samples: number): number {
  let bucket = BUCKETS - 1;
  while (samples < (BUCKET_FROM[bucket] as number)) bucket -= 1;
  return bucket;
}

/** With more samples of its own a series listens to its neighbours no more. */
export const NEIGHBOURS_UP_TO = 4;
