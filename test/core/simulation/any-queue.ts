/** Random queues with arrivals, active runs, durations and a start latency, made from random snapshots. */
import fc from 'fast-check';
import type { RunId } from '../../../src/core/model/run.ts';
import type { HeldRun, Snapshot } from '../../../src/core/model/snapshot.ts';
import { type ScheduledRun, simulate } from '../../../src/core/simulation/simulate.ts';
import { aHeldRun, aPool, aPriority, aSnapshot } from '../../builders/admission.ts';
import { anySnapshot, NOW_MS } from '../admission/any-snapshot.ts';
import type { QueueStory } from './event-loop.ts';

const RUNS_MAX = 30;

const anyDurations = fc.array(fc.integer({ min: 1, max: 120 }), { minLength: RUNS_MAX, maxLength: RUNS_MAX });

/** With everything a snapshot may have: caps, grants, pauses, doubts, several pools. */
export const anyQueue: fc.Arbitrary<QueueStory> = fc
  .record({
    all: anySnapshot({ heldSinceMs: fc.integer({ min: NOW_MS - 60, max: NOW_MS + 120 }), heldMax: 18 }),
    durations: anyDurations,
    startLatencyMs: fc.constantFrom(0, 0, 1, 7),
  })
  .map(({ all, durations, startLatencyMs }) => {
    const arrivals = all.held.filter((run) => run.heldSinceMs > NOW_MS);
    return {
      snapshot: {
        ...all,
        held: all.held.filter((run) => run.heldSinceMs <= NOW_MS),
        // Nobody has promised anything to a run that is not here yet.
        grants: all.grants.filter((grant) => !arrivals.some((run) => run.id === grant.runId)),
      },
      arrivals,
      durationMs: durationsOf(all, durations),
      startLatencyMs,
    };
  });

function durationsOf({ held, active }: Snapshot, durations: readonly number[]): ReadonlyMap<RunId, number> {
  return new Map([...held, ...active].map(({ id }, place) => [id, durations[place % RUNS_MAX] as number]));
}

const POOLS = ['runs', 'arm', 'ppc'] as const;

/**
 * Queues in which nothing stands between a run and its pools: no caps, grants, pauses or
 * doubts, and every request fits the sizes.
 */
export function anyPlainQueue(pools: number): fc.Arbitrary<QueueStory> {
  const names = POOLS.slice(0, pools);
  const requests = fc.record(
    Object.fromEntries(names.map((name) => [name, fc.integer({ min: name === 'runs' ? 1 : 0, max: 2 })])),
  );
  const run = fc.record({
    requests,
    heldSinceMs: fc.oneof(fc.constant(NOW_MS), fc.integer({ min: NOW_MS, max: NOW_MS + 100 })),
    tenant: fc.constantFrom('a', 'b'),
    priority: fc.constantFrom('high', 'normal'),
  });
  return fc
    .record({
      runs: fc.array(run, { minLength: 1, maxLength: RUNS_MAX }),
      sizes: fc.array(fc.integer({ min: 2, max: 5 }), { minLength: pools, maxLength: pools }),
      durations: anyDurations,
    })
    .map(({ runs, sizes, durations }) => {
      const held = runs.map((parts, place) =>
        aHeldRun(`h${String(place).padStart(2, '0')}`, {
          ...parts,
          requests: Object.fromEntries(Object.entries(parts.requests).filter(([, units]) => units > 0)),
        }),
      );
      const snapshot = aSnapshot({
        nowMs: NOW_MS,
        maxGrants: 0,
        pools: names.map((name, place) => aPool(name, sizes[place] as number)),
        priorities: [aPriority('high', 20), aPriority('normal', 50)],
        held: held.filter((one) => one.heldSinceMs <= NOW_MS),
      });
      return {
        snapshot,
        arrivals: held.filter((one) => one.heldSinceMs > NOW_MS),
        durationMs: durationsOf({ ...snapshot, held }, durations),
        startLatencyMs: 0,
      };
    });
}

export function simulated(story: QueueStory): readonly ScheduledRun[] {
  const { snapshot, durationMs, arrivals, startLatencyMs } = story;
  return simulate(snapshot, (id) => durationMs.get(id) as number, { arrivals, startLatencyMs });
}

export function everyHeld({ snapshot, arrivals }: QueueStory): readonly HeldRun[] {
  return [...snapshot.held, ...arrivals];
}
