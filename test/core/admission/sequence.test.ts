/**
 * The incremental queue through a sequence of events, as the simulation drives it, against the
 * oracle, which is given a snapshot rebuilt from nothing at every step.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ActiveRuns } from '../../../src/core/admission/active-runs.ts';
import { buildTables } from '../../../src/core/admission/build-tables.ts';
import { grantsOf } from '../../../src/core/admission/decide.ts';
import { AdmissionQueue } from '../../../src/core/admission/queue.ts';
import type { Tables } from '../../../src/core/admission/tables.ts';
import type { Decision } from '../../../src/core/model/decision.ts';
import type { RunId } from '../../../src/core/model/run.ts';
import type { Snapshot } from '../../../src/core/model/snapshot.ts';
import { simulate } from '../../../src/core/simulation/simulate.ts';
import { anyCrowd, anyManyKinds, anySnapshot, NOW_MS } from './any-snapshot.ts';
import { oracle } from './oracle.ts';

type Durations = ReadonlyMap<RunId, number>;

interface Step {
  readonly atMs: number;
  readonly arrived: readonly RunId[];
  readonly ended: readonly RunId[];
  readonly decision: Decision;
}

/** What happens, decided by the oracle at every event and at every tick. */
function story(all: Snapshot, durations: Durations, ticksMs: readonly number[]): Step[] {
  const steps: Step[] = [];
  const ends = new Map(
    all.active.map((run) => [run.id, Math.max(NOW_MS, run.sinceMs + (durations.get(run.id) as number))]),
  );
  let waiting = all.held.filter((run) => run.heldSinceMs <= NOW_MS);
  let coming = all.held.filter((run) => run.heldSinceMs > NOW_MS);
  let seen: Snapshot = { ...all, held: waiting };
  for (let atMs = NOW_MS; Number.isFinite(atMs); ) {
    const arriving = coming.filter((run) => run.heldSinceMs <= atMs);
    const ended = [...ends.keys()].filter((id) => (ends.get(id) as number) <= atMs);
    for (const id of ended) ends.delete(id);
    waiting = [...waiting, ...arriving];
    coming = coming.filter((run) => run.heldSinceMs > atMs);
    seen = {
      ...seen,
      nowMs: atMs,
      held: waiting,
      active: seen.active.filter((run) => !ended.includes(run.id)),
    };
    const decision = oracle(seen);
    const started = waiting.filter((run) => decision.starts.includes(run.id));
    for (const { id } of started) ends.set(id, atMs + (durations.get(id) as number));
    waiting = waiting.filter((run) => !decision.starts.includes(run.id));
    seen = {
      ...seen,
      active: [...seen.active, ...started.map((run) => ({ ...run, sinceMs: atMs }))],
      classStarts: [...seen.classStarts, ...started.map((run) => ({ ...run, atMs }))],
      grants: decision.grants,
    };
    steps.push({ atMs, arrived: arriving.map((run) => run.id), ended, decision });
    const later = [
      ...ends.values(),
      ...coming.map((run) => run.heldSinceMs),
      ...ticksMs.filter((tick) => tick > atMs),
      decision.reviewAtMs ?? Number.POSITIVE_INFINITY,
    ];
    atMs = Math.min(...later, Number.POSITIVE_INFINITY);
  }
  return steps;
}

/** The same story told by the queue: every decision it comes to. */
function retold(queue: AdmissionQueue, steps: readonly Step[]): unknown[] {
  const told: unknown[] = [];
  const active = new ActiveRuns(queue.tables);
  queue.reset(NOW_MS);
  for (const step of steps) told.push(toldOne(queue, active, step));
  return told;
}

function toldOne(queue: AdmissionQueue, active: ActiveRuns, { atMs, arrived, ended }: Step): unknown {
  const { tables } = queue;
  for (const id of ended) {
    queue.end(tables.ids.indexOf(id));
    active.remove(tables.ids.indexOf(id));
  }
  for (const run of inOrder(tables, arrived)) queue.arrive(run);
  queue.advance(atMs);
  const starts: RunId[] = [];
  for (let run = queue.next(); run >= 0; run = queue.next()) {
    starts.push(tables.ids[run] as RunId);
    active.add(run, atMs);
  }
  queue.give(active);
  return { atMs, starts, grants: grantsOf(queue) };
}

/**
 * The same, but the queue hears of the passing of time alone only when a wide head may become
 * overdue, as in the simulation: nothing is decided at the instants it does not hear of.
 */
function retoldLazily(queue: AdmissionQueue, steps: readonly Step[]): unknown[] {
  const told: unknown[] = [];
  const active = new ActiveRuns(queue.tables);
  queue.reset(NOW_MS);
  for (const step of steps) {
    const silent = step.arrived.length === 0 && step.ended.length === 0 && told.length > 0;
    if (silent && step.atMs < queue.waiting.timers.nextWideMs) {
      told.push({ atMs: step.atMs, starts: [], grants: grantsOf(queue) });
      continue;
    }
    told.push(toldOne(queue, active, step));
  }
  return told;
}

/** Runs arrive in the order of their indexes; those that can never start do not arrive at all. */
function inOrder({ ids, heldCount }: Tables, arrived: readonly RunId[]): number[] {
  return arrived
    .map((id) => ids.indexOf(id))
    .filter((run) => run >= 0 && run < heldCount)
    .toSorted((one, other) => one - other);
}

function plain(steps: readonly Step[]): unknown[] {
  return steps.map(({ atMs, decision }) => ({ atMs, starts: decision.starts, grants: decision.grants }));
}

const storyOf = (snapshots: fc.Arbitrary<Snapshot>) =>
  fc
    .record({
      all: snapshots,
      lengthsMs: fc.array(fc.integer({ min: 1, max: 120 }), { minLength: 120, maxLength: 120 }),
      ticksMs: fc.array(fc.integer({ min: NOW_MS, max: NOW_MS + 500 }), { maxLength: 8 }),
    })
    .map(({ all, lengthsMs, ticksMs }) => {
      const present = new Set(all.held.filter((run) => run.heldSinceMs <= NOW_MS).map((run) => run.id));
      const durations: Durations = new Map(
        [...all.held, ...all.active].map((run, place) => [run.id, lengthsMs[place] as number]),
      );
      const grants = all.grants.filter((grant) => present.has(grant.runId));
      return { all: { ...all, grants }, durations, ticksMs };
    });

const anyStory = storyOf(anySnapshot({ heldSinceMs: fc.integer({ min: 800, max: 1_300 }), heldMax: 14 }));

test('through any sequence of events the queue decides as the oracle does on a snapshot made anew', () => {
  fc.assert(
    fc.property(anyStory, ({ all, durations, ticksMs }) => {
      const want = story(all, durations, ticksMs);
      const queue = new AdmissionQueue(buildTables(all));
      expect(retold(queue, want)).toEqual(plain(want));
      expect(retoldLazily(queue, want)).toEqual(plain(want));
      // However many tenants there are, keeping the heads of idle ones in order changes nothing.
      expect(retold(new AdmissionQueue(buildTables(all), 0), want)).toEqual(plain(want));
      // A replication starts from the same snapshot again; nothing of the last one may be left.
      expect(retold(queue, want)).toEqual(plain(want));
    }),
    { numRuns: 600 },
  );
});

test('so it does when nearly every run asks for something else', () => {
  fc.assert(
    fc.property(storyOf(anyManyKinds()), ({ all, durations, ticksMs }) => {
      const want = story(all, durations, ticksMs);
      expect(retold(new AdmissionQueue(buildTables(all)), want)).toEqual(plain(want));
    }),
    { numRuns: 15, endOnFailure: true },
  );
});

test('so it does with a crowd of tenants', () => {
  fc.assert(
    fc.property(storyOf(anyCrowd()), ({ all, durations, ticksMs }) => {
      const want = story(all, durations, ticksMs);
      expect(retold(new AdmissionQueue(buildTables(all)), want)).toEqual(plain(want));
    }),
    { numRuns: 6, endOnFailure: true },
  );
});

test('the simulation starts every run when the oracle does', () => {
  fc.assert(
    fc.property(anyStory, ({ all, durations }) => {
      const want = story(all, durations, []).flatMap(({ atMs, decision }) =>
        decision.starts.map((id) => ({ id, startMs: atMs, endMs: atMs + (durations.get(id) as number) })),
      );
      const held = all.held.filter((run) => run.heldSinceMs <= NOW_MS);
      const arrivals = all.held.filter((run) => run.heldSinceMs > NOW_MS);
      const got = simulate({ ...all, held }, (id) => durations.get(id) as number, { arrivals });
      const started = got.filter((run) => all.held.some((one) => one.id === run.id));
      expect(byId(started)).toEqual(byId(want));
    }),
    { numRuns: 300 },
  );
});

function byId<T extends { readonly id: RunId }>(runs: readonly T[]): T[] {
  return runs.toSorted((one, other) => (one.id < other.id ? -1 : 1));
}
