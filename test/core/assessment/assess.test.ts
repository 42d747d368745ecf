/** The assessment: right where it can be worked out by hand, consistent everywhere, honest about nonsense. */
import { describe, expect, test } from 'vitest';
import { assess } from '../../../src/core/assessment/assess.ts';
import type { AssessmentQuestion } from '../../../src/core/assessment/question.ts';
import type { Assessment } from '../../../src/core/assessment/report.ts';
import { finished } from '../../../src/core/assessment/steps.ts';
import { CodedError } from '../../../src/core/errors/catalogue.ts';
import { normal } from '../../../src/core/random/normal.ts';
import { randomStream } from '../../../src/core/random/random.ts';
import { aPolicy, aQuestion, aSample, HOUR_MS, MINUTE_MS } from './questions.ts';

function assessed(question: AssessmentQuestion): Assessment {
  return finished(assess(question));
}

/** Paths of numbers that JSON has no word for. */
function notNumbers(value: unknown, path = ''): readonly string[] {
  if (typeof value === 'number') return Number.isFinite(value) ? [] : [path];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => notNumbers(inner, `${path}.${name}`));
}

function bandsIn(value: unknown): readonly { p10: number; p50: number; p90: number }[] {
  if (typeof value !== 'object' || value === null) return [];
  if ('p10' in value) return [value as { p10: number; p50: number; p90: number }];
  return Object.values(value).flatMap(bandsIn);
}

/** Steady: every run of every project about ten minutes. */
function steadySamples(projects: number) {
  return Array.from({ length: projects }, (_, place) => [
    aSample(`p${place}`, 10 * MINUTE_MS - 1_000),
    aSample(`p${place}`, 10 * MINUTE_MS + 1_000),
    aSample(`p${place}`, 10 * MINUTE_MS),
    aSample(`p${place}`, 10 * MINUTE_MS + 2_000),
    aSample(`p${place}`, 10 * MINUTE_MS - 2_000),
  ]).flat();
}

test('steady pipelines at equal distances: the figures that follow by hand', () => {
  // 48 launches in 2 h, one every 2.5 min, ten minutes each: four at once, nothing waits behind ten.
  const policy = aPolicy({ window: { lengthMs: 2 * HOUR_MS, spread: 'even' } });
  const report = assessed(
    aQuestion({ policy, projects: 48, runners: 10, samples: steadySamples(48), guess: null }),
  );
  expect(report.atOnce.wanted.p50).toBeGreaterThanOrEqual(4);
  expect(report.atOnce.wanted.p50).toBeLessThanOrEqual(5);
  expect(report.wait.waited).toEqual({ p10: 0, p50: 0, p90: 0 });
  expect(Math.abs(report.execution.totalMs.p50 / (480 * MINUTE_MS) - 1)).toBeLessThan(0.1);
  const doneMs = (report.finish?.allAtMs.p50 ?? Number.NaN) - report.occurrence.opensAtMs;
  expect(Math.abs(doneMs / (127.5 * MINUTE_MS) - 1)).toBeLessThan(0.05);
  expect(report.limit?.kind).toBe('nothing');
  expect(report.verdict.answer).toBe('fits');
});

test('use of a pool by tasks that come and go: by when they do so where samples know it, by the request elsewhere', () => {
  // Four pipelines at once, one every 2.5 min for ten minutes; each on arm64 in its last minute only.
  const task = { task: 'arm', fromMs: 9 * MINUTE_MS, toMs: 10 * MINUTE_MS, platform: 'linux/arm64' };
  const tasks = [{ ...task, cpuRequestMillis: 500, memoryRequestBytes: 2 ** 30 }];
  const samples = Array.from({ length: 60 }, (_, place) =>
    aSample(`p${place % 12}`, 10 * MINUTE_MS, { profile: { tasks, tasksLeftOut: 0 } }),
  );
  const policy = aPolicy({
    window: { lengthMs: 2 * HOUR_MS, spread: 'even' },
    requests: { 'linux/arm64': 1, 'linux/s390x': 1 },
  });
  const size = { otherUse: 0, paused: false, doubt: null };
  const { rules } = aQuestion();
  const pools = [
    { ...size, name: 'runs', size: 100 },
    { ...size, name: 'linux/arm64', size: 10 },
    { ...size, name: 'linux/s390x', size: 10 },
  ];
  const report = assessed(
    aQuestion({ policy, projects: 48, samples, guess: null, rules: { ...rules, pools } }),
  );
  const [, arm, s390x] = report.pools;
  expect(report.pools.map(({ name, basis }) => [name, basis])).toEqual([
    ['runs', 'request'],
    ['linux/arm64', 'tasks'],
    ['linux/s390x', 'request'],
  ]);
  const atOnce = arm?.peakUnits.p50 as number;
  expect([1, 2]).toContain(atOnce);
  expect(s390x?.peakUnits.p50).toBeGreaterThanOrEqual(4);
  expect((arm?.meanShare.p50 ?? 0) / (s390x?.meanShare.p50 ?? 1)).toBeCloseTo(0.1, 1);
  expect(report.resources).toMatchObject({
    samplesWithTasks: 60,
    reservedCpuMillis: { p50: 500 * atOnce },
    reservedMemoryBytes: { p50: atOnce * 2 ** 30 },
  });
  const without = assessed(
    aQuestion({ policy, projects: 48, samples: steadySamples(12), guess: null, rules: { ...rules, pools } }),
  );
  expect(without.pools.map(({ basis }) => basis)).toEqual(['request', 'request', 'request']);
  expect(without.resources.reservedCpuMillis).toBeNull();
});

test('where two slots have four times the work of the window, the work decides', () => {
  const policy = aPolicy({ window: { lengthMs: 2 * HOUR_MS, spread: 'even' } });
  const report = assessed(
    aQuestion({ policy, projects: 96, runners: 2, samples: steadySamples(96), guess: null }),
  );
  const doneMs = (report.finish?.allAtMs.p50 ?? Number.NaN) - report.occurrence.opensAtMs;
  expect(Math.abs(doneMs / (480 * MINUTE_MS) - 1)).toBeLessThan(0.08);
  expect(report.atOnce.running).toEqual({ p10: 2, p50: 2, p90: 2 });
  expect(report.limit).toMatchObject({ kind: 'pool', pool: 'runs', slots: 2 });
  // A third slot does a third of the work.
  expect(Math.abs((report.limit?.oneMore?.soonerMs.p50 ?? 0) / (160 * MINUTE_MS) - 1)).toBeLessThan(0.15);
});

test('consistent in any case: bands ordered, never over the pool, the same again, no NaN', () => {
  const random = randomStream(11, 'cases');
  for (let turn = 0; turn < 25; turn += 1) {
    const runners = Math.floor(6 * random.next());
    const spread = (['random', 'even', 'paced'] as const)[Math.floor(3 * random.next())] ?? 'even';
    const format = random.next() < 0.5 ? 'gitlab' : 'penstock';
    const policy = aPolicy({
      format,
      window: {
        lengthMs: Math.ceil(1 + 30 * random.next()) * HOUR_MS,
        spread: format === 'gitlab' ? 'random' : spread,
      },
    });
    const samples = Array.from({ length: Math.floor(8 * random.next()) }, (_, place) =>
      aSample(`p${place % 3}`, Math.round(1 + Math.exp(6 + 6 * random.next())), {
        outcome:
          (['succeeded', 'failed', 'timed-out', 'cancelled'] as const)[Math.floor(4 * random.next())] ??
          'failed',
        startedAtMs: 1_000_000 * place,
        usage: random.next() < 0.3 ? { cpuSeconds: 10, peakMemoryBytes: 1_000 } : null,
      }),
    );
    const question = aQuestion({
      policy,
      samples,
      runners,
      projects: 1 + Math.floor(30 * random.next()),
      guess: random.next() < 0.5 ? null : { p50Ms: 60_000, p90Ms: 60_000 },
      timeoutMs: random.next() < 0.5 ? null : 20 * MINUTE_MS,
      replications: 30,
      criteria: { maxPeak: 3, finishByMs: null, maxTimeouts: 0.1 },
    });
    const report = assessed(question);
    const where = `turn ${turn}`;
    expect(notNumbers(report), where).toEqual([]);
    expect(JSON.parse(JSON.stringify(report)), where).toEqual(report);
    for (const { p10, p50, p90 } of bandsIn(report)) {
      expect(p10, where).toBeLessThanOrEqual(p50);
      expect(p50, where).toBeLessThanOrEqual(p90);
    }
    expect(report.atOnce.running.p90, where).toBeLessThanOrEqual(runners);
    for (const point of report.timeline) expect(point.running.p90, where).toBeLessThanOrEqual(runners);
    if (turn < 5) expect(assessed(question), where).toEqual(report);
  }
});

describe('what cannot be said', () => {
  test('a pool of size 0 starts nothing, and it says which', () => {
    const report = assessed(aQuestion({ runners: 0 }));
    expect(report.neverStarted).toEqual({ p10: 50, p50: 50, p90: 50 });
    expect(report.limit).toEqual({ kind: 'pool', pool: 'runs', slots: 0, oneMore: null });
    expect(report.verdict.answer).toBe('does-not-fit');
    expect(report.atOnce.wanted.p50).toBeGreaterThan(0);
    // There is no end to name, neither an instant nor one that is in time.
    expect(report.finish).toBeNull();
    expect(report.verdict.checks.find(({ kind }) => kind === 'before-next')).toMatchObject({
      value: null,
      chance: 0,
      result: 'not-met',
    });
  });

  test('nothing known: wide, said so, and no verdict but that', () => {
    const report = assessed(aQuestion({ guess: null, runners: 50 }));
    expect(report.evidence.confidence).toBe('none');
    expect(report.verdict.answer).toBe('too-little-evidence');
    expect(report.warnings.map(({ code }) => code)).toContain('nothing-measured');
    expect(report.execution.totalMs.p90 / report.execution.totalMs.p10).toBeGreaterThan(4);
  });

  test('one sample, of one project: wide because the others were never seen', () => {
    const report = assessed(aQuestion({ guess: null, samples: [aSample('p0', 5 * MINUTE_MS)] }));
    expect(report.evidence).toMatchObject({ samples: 1, projectsSeen: 1, projects: 50, confidence: 'low' });
    expect(report.evidence.range.parts[0]?.part).toBe('level');
    expect(report.evidence.advice[0]?.kind).toBe('other-projects');
    expect(report.evidence.success?.interval.low).toBeLessThan(0.25);
  });

  test('only failures: a rate of 0 with its interval, and a warning', () => {
    const samples = Array.from({ length: 6 }, (_, place) =>
      aSample(`p${place}`, MINUTE_MS, { outcome: 'failed' }),
    );
    const report = assessed(aQuestion({ samples }));
    expect(report.evidence.success).toMatchObject({ succeeded: 0, runs: 6, rate: 0 });
    expect(report.warnings.map(({ code }) => code)).toContain('only-failures');
  });

  test('wildly wrong durations are pointed at', () => {
    const samples = [1, 1.1, 0.9, 1.2, 900].map((times, place) =>
      aSample(`p${place}`, Math.round(times * 5 * MINUTE_MS)),
    );
    expect(assessed(aQuestion({ samples })).warnings.map(({ code }) => code)).toContain('odd-samples');
  });

  test.each([
    ['no project', aQuestion({ targets: [] }), /nothing to assess/],
    [
      'too many launches',
      aQuestion({
        targets: Array.from({ length: 200_001 }, (_, place) => ({
          project: `p${place}`,
          branch: null,
          tenant: 't',
        })),
      }),
      /200001 launches; 200000 can be assessed/,
    ],
    ['a window in the past', aQuestion({ nowMs: Date.UTC(2026, 3, 1) }), /is over/],
  ])('%s is refused', (_, question, want) => {
    expect(() => assessed(question)).toThrow(want);
    expect(() => assessed(question)).toThrow(CodedError);
  });
});

test('more projects measured, narrower and still around the truth', () => {
  const random = randomStream(21, 'truth');
  const level = Math.log(8 * MINUTE_MS);
  const centres = Array.from({ length: 300 }, () => level + 0.4 * normal(random));
  const sample = (place: number) =>
    aSample(`p${place}`, Math.round(Math.exp((centres[place] as number) + 0.2 * normal(random))));
  const truthMs = centres.reduce((sum, centre) => sum + Math.exp(centre + 0.02), 0);
  const reports = [1, 10, 300].map((count) =>
    assessed(
      aQuestion({
        projects: 300,
        runners: 40,
        guess: null,
        samples: Array.from({ length: count }, (_, place) => sample(place)),
      }),
    ),
  );
  const widths = reports.map(({ execution: { totalMs } }) => totalMs.p90 / totalMs.p10);
  expect(widths[1]).toBeLessThan((widths[0] as number) / 2);
  expect(widths[2]).toBeLessThan(widths[1] as number);
  // One range in five may miss, but none by much.
  for (const { execution } of reports) {
    expect(execution.totalMs.p10).toBeLessThan(truthMs * 1.3);
    expect(execution.totalMs.p90).toBeGreaterThan(truthMs / 1.3);
  }
});
