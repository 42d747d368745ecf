/** What the demo forecasts from: turnover of the slots, durations as measured. */
import { expect, test } from 'vitest';
import { EXAMPLES_FOLDER, exampleConfigFile, readExamples } from '../../src/cli/demo/examples.ts';
import { planDemo } from '../../src/cli/demo/plan.ts';
import { predict } from '../../src/cli/demo/prediction.ts';
import { measureTurnover } from '../../src/cli/demo/turnover.ts';
import { loadConfig } from '../../src/config/load-config.ts';

const config = await loadConfig({
  file: exampleConfigFile(EXAMPLES_FOLDER),
  flags: { data: '/nowhere' },
  env: {},
});
const examples = readExamples(
  EXAMPLES_FOLDER,
  config.pools.map((pool) => pool.name),
);
const size = { seed: 1, runs: 300, perProject: 5, slots: 20, timeoutMs: 10_000 };
const surroundings = { node: '/bin/node', depotFile: '/data/depot.url' };

test('there are twelve projects of four tenants, some asking for scarce pools', () => {
  expect(examples.projects).toHaveLength(12);
  expect(new Set(examples.projects.map((project) => project.tenant)).size).toBe(4);
  const asking = (pool: string) =>
    examples.projects.filter((project) => project.requests[pool] !== undefined);
  expect(asking('linux/arm64')).toHaveLength(3);
  expect(asking('license')).toHaveLength(2);
  expect(config.projects.map((project) => project.name).toSorted()).toEqual(
    examples.projects.map((project) => project.project).toSorted(),
  );
});

test('the plan is the same for the same numbers, names each run once, and mixes the projects evenly', () => {
  const plan = planDemo(size, examples, surroundings);
  expect(planDemo(size, examples, surroundings)).toEqual(plan);
  expect(plan.bulk).toHaveLength(300);
  expect(plan.calibration).toHaveLength(60);
  expect(plan.first).toHaveLength(20);
  const runs = [...plan.bulk, ...plan.calibration, ...plan.first];
  expect(new Set(runs.map((run) => run.id)).size).toBe(380);
  const perProject = Map.groupBy(plan.bulk, (run) => run.project);
  expect([...perProject.values()].map((runs) => runs.length)).toEqual(Array(12).fill(25));
  expect(plan.bulk.slice(0, 12)).not.toEqual(
    planDemo({ ...size, seed: 2 }, examples, surroundings).bulk.slice(0, 12),
  );
});

test('turnover is the time from a finish to the start that takes its slot', () => {
  const run = (startedAtMs: number, finishedAtMs: number) => ({ heldSinceMs: 0, startedAtMs, finishedAtMs });
  const runs = [run(200, 1_000), run(300, 1_500), run(1_100, 2_000), run(1_620, 2_500), run(2_090, 3_000)];
  expect(measureTurnover(runs, 2)).toEqual({ betweenMs: 100, firstMs: 250 });
  expect(measureTurnover(runs.slice(0, 2), 2)).toEqual({ betweenMs: 0, firstMs: 250 });
});

test('with every run one second long, 300 runs behind 20 slots take fifteen of them and the turnovers', () => {
  const plan = planDemo(size, examples, surroundings);
  const measured = plan.calibration.map((run, at) => {
    const startedAtMs = 100 + Math.floor(at / 20) * 1_100;
    return {
      ...run,
      contentHash: run.project,
      heldSinceMs: 0,
      startedAtMs,
      finishedAtMs: startedAtMs + 1_000,
      outcome: 'succeeded' as const,
      usage: null,
      profile: null,
    };
  });
  const pools = config.pools.map(({ name }) => ({ name, size: name === 'runs' ? 20 : 300 }));
  const { admission: settings } = config;
  const prediction = predict({
    timed: measured,
    measured,
    planned: plan.bulk,
    settings,
    pools,
    slots: 20,
    seed: 1,
  });
  expect(prediction.betweenMs).toBe(100);
  expect(prediction.finishMs.p10).toBeLessThanOrEqual(16_500);
  expect(prediction.finishMs.p50).toBeGreaterThan(16_000);
  expect(prediction.finishMs.p50).toBeLessThan(18_500);
  expect(prediction.timeouts.p50).toBe(0);
  // A few dozen runs of one second do not rule out that one of 300 takes ten times as long.
  expect(prediction.timeouts.p90).toBeLessThanOrEqual(1);
  // Ten seconds are room for nine times 20 runs of 1.1 s.
  expect(prediction.withoutHolding.succeeded.p50).toBeGreaterThan(160);
  expect(prediction.withoutHolding.succeeded.p50).toBeLessThan(190);
});
