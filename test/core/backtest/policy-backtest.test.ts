/** Assessments scored: steady pipelines are foretold, GitLab's serial sum is wrong by what it leaves out. */
import { expect, test } from 'vitest';
import { policyBacktest } from '../../../src/core/backtest/policy-backtest.ts';
import { randomStream } from '../../../src/core/random/random.ts';

const OPTIONS = { projects: 60, slots: 6, policies: 4, replications: 30, seed: 1 };

test('where every run of a workflow takes the same, and workflows differ, only the known ones are certain', () => {
  const histories = Array.from({ length: 40 }, (_, place) => ({
    workflow: `w${place}`,
    runs: Array.from({ length: 25 }, (__, seq) => ({ seq, durationMs: 60_000 * (1 + place) })),
  }));
  const rows = policyBacktest(histories, OPTIONS);
  const errorOf = (known: string): number =>
    rows.find((row) => row.known === known)?.scores?.executionTime.medianError ?? Number.NaN;
  expect(errorOf('10-19 runs each')).toBeLessThan(0.1);
  expect(errorOf('10-19 runs each')).toBeLessThan(errorOf('1 run each of 10 projects'));
  expect(rows.every(({ scores }) => scores === null || scores.gitlabError > 0)).toBe(true);
  expect(policyBacktest(histories, OPTIONS)).toEqual(rows);
});

test('without enough runs a row says so', () => {
  const rows = policyBacktest([{ workflow: 'w', runs: [{ seq: 1, durationMs: 1_000 }] }], OPTIONS);
  expect(rows.map(({ scores }) => scores)).toEqual(rows.map(() => null));
});

test('one run in eight is fifty times as long: with many runs known, the work is foretold', () => {
  const random = randomStream(5, 'which runs are long');
  const histories = Array.from({ length: 60 }, (_, place) => ({
    workflow: `w${place}`,
    runs: Array.from({ length: 40 }, (__, seq) => ({
      seq,
      durationMs: random.next() < 0.125 ? 3_000_000 : 60_000,
    })),
  }));
  const rows = policyBacktest(histories, {
    projects: 150,
    slots: 10,
    policies: 2,
    replications: 20,
    seed: 1,
  });
  const { scores } = rows.find(({ known }) => known === '20 and more') ?? {};
  expect(Math.abs(scores?.executionTime.medianBias ?? Number.NaN)).toBeLessThan(0.3);
});
