/** The time between the end of a run and the beginning of the next in its slot. */
import { expect, test } from 'vitest';
import { StartLatency } from '../../src/app/forecasting/start-latency.ts';
import { runId } from '../../src/core/model/run.ts';
import type { FinishedRun } from '../../src/ports/store.ts';

const base: Omit<FinishedRun, 'id' | 'startedAtMs' | 'finishedAtMs'> = {
  project: 'p',
  tenant: 'a',
  priority: 'normal',
  requests: { runs: 1 },
  contentHash: 'c',
  timeoutMs: null,
  ours: true,
  heldSinceMs: 0,
  outcome: 'succeeded',
  reason: null,
  usage: null,
  profile: null,
};

/** One slot: each run takes a second, and the next begins so long after it. */
function oneAfterTheOther(runs: number, gapMs: number, heldForMs = 1_000_000): StartLatency {
  const latency = new StartLatency();
  for (let nth = 0; nth < runs; nth += 1) {
    const startedAtMs = nth * (1_000 + gapMs);
    const id = runId(`r${nth}`);
    const started = { runId: id, tenant: 'a', pools: ['runs'], atMs: startedAtMs - gapMs / 2, heldForMs };
    latency.onEvent({ kind: 'run-started', ...started });
    const run = { ...base, id, startedAtMs, finishedAtMs: startedAtMs + 1_000 };
    latency.onEvent({ kind: 'run-finished', run });
  }
  return latency;
}

test('is measured from end to beginning', () => {
  expect(oneAfterTheOther(50, 80).medianMs()).toBe(80);
});

test('is nothing while little was seen, or nobody waited', () => {
  expect(oneAfterTheOther(8, 80).medianMs()).toBe(0);
  expect(oneAfterTheOther(50, 80, 10).medianMs()).toBe(0);
  expect(oneAfterTheOther(50, 100_000).medianMs()).toBe(0);
});
