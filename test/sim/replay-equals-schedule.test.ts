/**
 * Replayed, a history that Penstock itself made gives the starts it made, to the millisecond.
 * The history is the real loop's over a fault-free engine.
 */
import { describe, expect, test } from 'vitest';
import type { Arrival } from '../../sim/arrivals.ts';
import { contentHash } from '../../sim/engine-state.ts';
import { FrozenDurations } from '../../sim/frozen-durations.ts';
import { runQuietWorld } from '../../sim/quiet-world.ts';
import { quietArrivals, quietPlan } from '../../sim/schedule/quiet-plans.ts';
import type { PastRun } from '../../src/core/replay/past-run.ts';
import { Replay } from '../../src/core/replay/replay.ts';
import { asHeld } from '../../src/core/replay/world.ts';
import { simulate } from '../../src/core/simulation/simulate.ts';

/** Generous: machines are busy. */
const LIMIT_MS = 60_000;

async function replayed(seed: number) {
  const plan = quietPlan(seed);
  const arrivals = quietArrivals(plan, 0);
  const durations = new FrozenDurations(plan.medianDurationMs);
  const { settings, pools } = plan;
  const live = await runQuietWorld({ settings, pools, arrivals, durations });
  const runs = arrivals.flatMap((arrival): readonly PastRun[] => {
    const startedAtMs = live.startedAtMs.get(arrival.run.id);
    const finishedAtMs = live.endedAtMs.get(arrival.run.id);
    if (startedAtMs === undefined || finishedAtMs === undefined) return [];
    return [pastRun(arrival, startedAtMs, finishedAtMs)];
  });
  const { priorities, tenants, maxGrants } = settings;
  const replay = new Replay({
    fromMs: live.snapshot.nowMs,
    runs: runs.toSorted((a, b) => a.heldSinceMs - b.heldSinceMs || (a.id < b.id ? -1 : 1)),
    rules: { pools: live.snapshot.pools, priorities, tenants, maxGrants },
    estimateOf: (run) => durations.estimateOf(run),
    durationOf: (run) => run.finishedAtMs - (run.startedAtMs ?? 0),
  });
  return { live, runs, replay, durations };
}

function pastRun({ run, atMs }: Arrival, startedAtMs: number, finishedAtMs: number): PastRun {
  const { id, project, tenant, priority, requests, timeoutMs, content } = run;
  const times = { heldSinceMs: atMs, startedAtMs, finishedAtMs };
  return {
    id,
    project,
    tenant,
    contentHash: contentHash(content),
    priority,
    requests,
    timeoutMs,
    ...times,
    outcome: 'succeeded',
  };
}

describe('the replay of a schedule that Penstock made is that schedule', () => {
  test.each(Array.from({ length: 20 }, (_, place) => place + 1))(
    'seed %i',
    { timeout: LIMIT_MS },
    async (seed) => {
      const { live, runs, replay } = await replayed(seed);
      expect(runs.length).toBeGreaterThan(20);
      const starts = new Map([...replay.spans].map(([id, { startMs }]) => [id, startMs]));
      expect(starts).toEqual(new Map(runs.map((run) => [run.id, run.startedAtMs])));
      const ends = new Map([...replay.spans].map(([id, { endMs }]) => [id, endMs]));
      expect(ends).toEqual(new Map(runs.map((run) => [run.id, live.endedAtMs.get(run.id)])));
    },
  );

  test('a queue taken from its middle goes on in the same way', { timeout: LIMIT_MS }, async () => {
    const { runs, replay, durations } = await replayed(5);
    const starts = [...replay.spans.values()].map(({ startMs }) => startMs).sort((a, b) => a - b);
    const middleMs = starts[Math.floor(starts.length / 2)] as number;
    const queue = replay.queueAt(middleMs, (run) => durations.estimateOf(run));
    expect(queue.held.every(({ id }) => (replay.spans.get(id)?.startMs ?? 0) > middleMs)).toBe(true);
    expect(queue.active.every(({ id }) => (replay.spans.get(id)?.endMs ?? 0) > middleMs)).toBe(true);
    const gone = runs.filter(({ id }) => (replay.spans.get(id)?.endMs ?? 0) <= middleMs);
    const later = runs.filter(({ heldSinceMs }) => heldSinceMs > middleMs);
    expect(queue.held.length + queue.active.length + gone.length + later.length).toBe(runs.length);
    const lengthMs = new Map(runs.map((run) => [run.id, run.finishedAtMs - (run.startedAtMs ?? 0)]));
    const on = simulate(queue, (id) => lengthMs.get(id) ?? Number.NaN, {
      arrivals: later.map((run) => asHeld(run, (one) => durations.estimateOf(one))),
    });
    for (const { id, startMs } of on) expect([id, startMs]).toEqual([id, replay.spans.get(id)?.startMs]);
  });
});
