/**
 * The duration model: learning a whole history, one more sample, an estimate, and what a
 * forecast draws from it.
 */
import { LearnedDurations } from '../../src/core/duration/learned-durations.ts';
import { randomStream } from '../../src/core/random/random.ts';
import { atMost, type Effort, type Line, type Section } from '../harness/line.ts';
import { medians, secondsOf } from '../harness/median.ts';
import { FIRST, history } from '../workloads/durations.ts';

const SAMPLES = 100_000;
const SERIES = 10_000;
const LONG_SERIES = 60;
const UPDATES = 1_000;
const FORECAST_SERIES = 100;
const REPLICATIONS = 1_000;
const RUNS_EACH = 3;

async function run({ rounds, scale }: Effort): Promise<readonly Line[]> {
  const series = Math.max(FORECAST_SERIES, Math.round(SERIES * scale));
  const all = history(Math.round(SAMPLES * scale), series);
  const long = history(UPDATES + LONG_SERIES * LONG_SERIES, LONG_SERIES);
  const learned = learnedFrom(long.slice(UPDATES));
  const draws = long.slice(0, FORECAST_SERIES).map((one) => learned.model().draws(one));
  const replications = Math.max(1, Math.round(REPLICATIONS * scale));
  const found = await medians(rounds, {
    build: () => secondsOf(() => learnedFrom(all)),
    update: () =>
      secondsOf(() => {
        for (const sample of long.slice(0, UPDATES)) learned.record(sample);
      }),
    estimate: () => {
      const model = learned.model();
      return secondsOf(() => {
        for (const sample of long.slice(0, LONG_SERIES)) model.estimate(sample);
      });
    },
    draw: () => secondsOf(() => drawAll(draws, replications)),
  });
  const drawn = FORECAST_SERIES * replications;
  const updateUs = (found.update * 1e6) / UPDATES;
  const plain = { against: null, goal: null };
  return [
    {
      what: `${all.length} samples of ${series} series`,
      value: found.build,
      unit: 's',
      against: null,
      goal: atMost(1.5, found.build),
    },
    {
      what: 'one more sample, of series of 60',
      value: updateUs,
      unit: 'us',
      against: null,
      goal: atMost(200, updateUs),
    },
    {
      what: 'P50 and P90 of a series of 60',
      value: (found.estimate * 1e6) / LONG_SERIES,
      unit: 'us',
      ...plain,
    },
    {
      what: `parameters and ${RUNS_EACH} runs, one replication`,
      value: (found.draw * 1e6) / drawn,
      unit: 'us',
      ...plain,
    },
  ];
}

function learnedFrom(samples: Iterable<Parameters<LearnedDurations['record']>[0]>): LearnedDurations {
  const learned = new LearnedDurations({ first: FIRST });
  for (const sample of samples) learned.record(sample);
  return learned;
}

function drawAll(
  draws: readonly ReturnType<ReturnType<LearnedDurations['model']>['draws']>[],
  replications: number,
): void {
  const random = randomStream(1, 'bench draws');
  const luck = { own: random, content: () => random, all: () => random };
  for (let replication = 0; replication < replications; replication += 1) {
    for (const one of draws) {
      const sampler = one.sampler(luck);
      for (let nth = 0; nth < RUNS_EACH; nth += 1) sampler.draw(random, 0);
    }
  }
}

export const durations: Section = {
  name: 'durations',
  title: 'the duration model: learning, estimating, drawing',
  run,
};
