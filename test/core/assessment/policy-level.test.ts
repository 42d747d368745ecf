/** What is said of projects never seen: covering as often as it says, and narrower with every project seen. */
import { expect, test } from 'vitest';
import { PolicyLevel, type SeenRun } from '../../../src/core/assessment/policy-level.ts';
import type { Luck } from '../../../src/core/duration/model.ts';
import { normal } from '../../../src/core/random/normal.ts';
import { type Random, randomStream } from '../../../src/core/random/random.ts';
import { quantile } from '../../../src/core/stats/quantile.ts';

const FIRST = { p50Ms: 180_000, p90Ms: 1_800_000 };
const OTHERS = 200;

/** A policy as they are: some level, some spread between projects, some within. */
function aWorld(random: Random) {
  const level = Math.log(300_000) + normal(random);
  const tau = 0.6 * Math.exp(0.6 * normal(random));
  const sigma = 0.35 * Math.exp(0.5 * normal(random));
  return () => {
    const centre = level + tau * normal(random);
    return () => Math.exp(centre + sigma * normal(random));
  };
}

/** What all projects of one replication have in common. */
function common(seed: number, replication: number): Pick<Luck, 'content' | 'all'> {
  return {
    content: () => randomStream(seed, 'content', replication),
    all: () => randomStream(seed, 'all', replication),
  };
}

function totals(seen: readonly SeenRun[], draws: number): Float64Array {
  const level = new PolicyLevel(seen, { first: FIRST, isGuess: false, isOlder: false });
  return Float64Array.from({ length: draws }, (_, r) => {
    let sum = 0;
    for (let project = 0; project < OTHERS; project += 1) {
      const own = randomStream(1, `project ${project}`, r);
      sum += level.sampler({ own, ...common(1, r) }, `project ${project}`).draw(own, 0);
    }
    return sum;
  }).sort();
}

test.each([
  [1, 2],
  [3, 1],
  [10, 1],
  [40, 3],
])(
  'from %d projects with %d runs each, the 80 %% range of the total holds in about 80 %%',
  (projects, runs) => {
    let within = 0;
    const worlds = 120;
    for (let world = 0; world < worlds; world += 1) {
      const random = randomStream(77, `world ${projects} ${runs}`, world);
      const project = aWorld(random);
      const seen = Array.from({ length: projects }, (_, place) => {
        const run = project();
        return Array.from({ length: runs }, () => ({
          project: `seen-${place}`,
          durationMs: run(),
          outcome: 'succeeded' as const,
        }));
      }).flat();
      let truth = 0;
      for (let other = 0; other < OTHERS; other += 1) truth += project()();
      const drawn = totals(seen, 60);
      if (truth >= quantile(drawn, 0.1) && truth <= quantile(drawn, 0.9)) within += 1;
    }
    // Three standard errors of 120 worlds around 0.8.
    expect(within / worlds).toBeGreaterThan(0.69);
    expect(within / worlds).toBeLessThan(0.93);
  },
);

test('more runs of one project narrow little, more projects much', () => {
  const width = (seen: readonly SeenRun[]): number => {
    const drawn = totals(seen, 150);
    return quantile(drawn, 0.9) / quantile(drawn, 0.1);
  };
  const random = randomStream(5, 'narrowing');
  const run = (project: string) => ({
    project,
    durationMs: 400_000 * Math.exp(0.4 * normal(random)),
    outcome: 'succeeded' as const,
  });
  const one = width([run('a')]);
  const ofOne = width(Array.from({ length: 10 }, () => run('a')));
  const ofTen = width(Array.from({ length: 10 }, (_, place) => run(`p${place}`)));
  expect(ofTen).toBeLessThan(one / 2);
  expect(ofTen).toBeLessThan(ofOne / 1.5);
});

test.each([20_000, 400_000, 3_600_000])(
  'one run of %d ms narrows the range of a policy of which nothing was known',
  (durationMs) => {
    const width = (seen: readonly SeenRun[]): number => {
      const drawn = totals(seen, 300);
      return quantile(drawn, 0.9) / quantile(drawn, 0.1);
    };
    expect(width([{ project: 'a', durationMs, outcome: 'succeeded' }])).toBeLessThan(width([]));
  },
);

test('without a run a guess is as wide as it says', () => {
  const level = new PolicyLevel([], { first: FIRST, isGuess: true, isOlder: false });
  const drawn = Float64Array.from({ length: 4_000 }, (_, r) => {
    const own = randomStream(3, 'own', r);
    return level.sampler({ own, ...common(3, r) }, 'p').draw(own, 0);
  }).sort();
  expect(Math.log(quantile(drawn, 0.5) / FIRST.p50Ms)).toBeCloseTo(0, 0);
  expect(Math.abs(Math.log(quantile(drawn, 0.9) / FIRST.p90Ms))).toBeLessThan(0.2);
});

test('a project seen once lies between its run and the others, one seen often at its own', () => {
  const others = Array.from({ length: 20 }, (_, place) => ({
    project: `p${place}`,
    durationMs: 300_000 + 9_000 * place,
    outcome: 'succeeded' as const,
  }));
  const medianOf = (runs: number): number => {
    const own = Array.from({ length: runs }, () => ({
      project: 'long',
      durationMs: 3_000_000,
      outcome: 'succeeded' as const,
    }));
    const level = new PolicyLevel([...others, ...own], { first: FIRST, isGuess: false, isOlder: false });
    const drawn = Float64Array.from({ length: 1_000 }, (_, r) => {
      const luck = randomStream(3, 'own', r);
      return level.sampler({ own: luck, ...common(3, r) }, 'long').draw(luck, 0);
    }).sort();
    return quantile(drawn, 0.5);
  };
  expect(medianOf(1)).toBeGreaterThan(500_000);
  expect(medianOf(1)).toBeLessThan(2_900_000);
  expect(medianOf(40)).toBeGreaterThan(2_500_000);
});

test('short failures come as often as they came, and widen nothing else', () => {
  const run = (place: number, durationMs: number, outcome: 'failed' | 'succeeded') => ({
    project: `p${place % 25}`,
    durationMs,
    outcome,
  });
  const runs = Array.from({ length: 100 }, (_, place) =>
    place % 5 === 0 ? run(place, 6_000, 'failed') : run(place, 600_000 + 1_000 * place, 'succeeded'),
  );
  const level = new PolicyLevel(runs, { first: FIRST, isGuess: false, isOlder: false });
  const drawn = Array.from({ length: 2_000 }, (_, r) => {
    const own = randomStream(3, 'own', r);
    return level.sampler({ own, ...common(3, r) }, 'new').draw(own, 0);
  });
  const short = drawn.filter((ms) => ms < 60_000);
  expect(Math.abs(short.length / drawn.length - 0.2)).toBeLessThan(0.05);
  const long = Float64Array.from(drawn.filter((ms) => ms >= 60_000)).sort();
  expect(quantile(long, 0.9) / quantile(long, 0.1)).toBeLessThan(2);
});
