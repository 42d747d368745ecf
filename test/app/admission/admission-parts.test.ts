/** The pure parts of the admission loop. */
import { describe, expect, test } from 'vitest';
import { buildSnapshot, type SnapshotInput } from '../../../src/app/admission/build-snapshot.ts';
import { poolsFrom, poolsInDoubt } from '../../../src/app/admission/capacity.ts';
import { checkStarts } from '../../../src/app/admission/check-starts.ts';
import { backoffMs } from '../../../src/app/admission/doubts.ts';
import { StoredDurations } from '../../../src/app/admission/durations.ts';
import { certainAtMs, sortMarks } from '../../../src/app/admission/marks.ts';
import type { Decision } from '../../../src/core/model/decision.ts';
import { type RunId, type RunState, runId } from '../../../src/core/model/run.ts';
import type { Snapshot } from '../../../src/core/model/snapshot.ts';
import type { PoolCapacity } from '../../../src/ports/capacity.ts';
import type { ObservedRun } from '../../../src/ports/engine.ts';
import type { FinishedRun, StartMark } from '../../../src/ports/store.ts';
import { MemoryStore } from '../../fakes/memory-store.ts';
import { settings } from './loop-rig.ts';

const NOW_MS = 1_000_000;

function observed(id: string, state: RunState, changes: Partial<ObservedRun> = {}): ObservedRun {
  return {
    id: runId(id),
    project: 'shop',
    tenant: 'retail',
    priority: 'normal',
    requests: { runs: 1 },
    contentHash: 'c0ffee',
    timeoutMs: null,
    state,
    ours: true,
    fault: null,
    heldSinceMs: 1_000,
    startedAtMs: state === 'running' ? 5_000 : null,
    finishedAtMs: null,
    result: null,
    ...changes,
  };
}

function marked(id: string): StartMark {
  return { runId: runId(id), markedAtMs: 2_000, deadlineMs: 12_000 };
}

describe('what an observation says about a mark', () => {
  const certain = certainAtMs(marked('a'));
  const cases: readonly [string, RunState | null, number | null, 'settled' | 'lapsed' | 'open'][] = [
    ['still held, not fresh', 'held', null, 'open'],
    ['still held, fresh but too early to tell', 'held', certain - 1, 'open'],
    ['still held, fresh after the deadline', 'held', certain, 'lapsed'],
    ['starting', 'starting', null, 'open'],
    ['starting, fresh after the deadline', 'starting', certain, 'settled'],
    ['running', 'running', null, 'settled'],
    ['finished', 'failed', null, 'settled'],
    ['gone', null, null, 'settled'],
  ];
  test.each(cases)('%s', (_, state, freshSinceMs, want) => {
    const runs = new Map(state === null ? [] : [['a', observed('a', state)]]);
    const sorted = sortMarks([marked('a')], runs, () => freshSinceMs);
    expect(sorted).toEqual({ settled: [], lapsed: [], open: [], [want]: [marked('a')] });
  });
});

describe('pools from a reading', () => {
  const before = poolsFrom({ reading: [capacity({ size: 4, otherUse: 1 })], known: [], settings });

  function capacity(changes: Partial<PoolCapacity>): PoolCapacity {
    return { name: 'arm64', size: 4, otherUse: 0, doubt: null, ...changes };
  }

  test('a sound reading is taken as it is', () => {
    expect(before).toEqual([{ name: 'arm64', size: 4, otherUse: 1, paused: false, doubt: null }]);
  });

  const nonsense: readonly [string, PoolCapacity, string][] = [
    ['a size that is no number', capacity({ size: Number.NaN }), 'its size is reported as NaN'],
    ['a negative size', capacity({ size: -3 }), 'its size is reported as -3'],
    ['half a unit', capacity({ size: 2.5 }), 'its size is reported as 2.5'],
    ['an endless size', capacity({ size: Number.POSITIVE_INFINITY }), 'its size is reported as Infinity'],
    ['negative use', capacity({ otherUse: -1 }), 'its use is reported as -1'],
    ['a doubt of the source', capacity({ doubt: 'the gauge is stale' }), 'the gauge is stale'],
  ];
  test.each(nonsense)('%s puts the pool in doubt', (_, reading, doubt) => {
    const [pool] = poolsFrom({ reading: [reading], known: before, settings });
    expect(pool?.doubt).toBe(doubt);
    expect(Number.isSafeInteger(pool?.size) && Number.isSafeInteger(pool?.otherUse)).toBe(true);
  });

  test('a pool reported twice, or no longer, is in doubt; one that is back is not', () => {
    const twice = poolsFrom({ reading: [capacity({}), capacity({ size: 9 })], known: before, settings });
    expect(twice.map((pool) => pool.doubt)).toEqual(['it is reported more than once']);
    const gone = poolsFrom({ reading: [], known: before, settings });
    expect(gone).toMatchObject([{ name: 'arm64', size: 4, doubt: 'it is no longer reported' }]);
    expect(poolsFrom({ reading: [capacity({})], known: gone, settings })[0]?.doubt).toBeNull();
  });

  test('without a reading all pools are in doubt', () => {
    expect(poolsInDoubt(before, 'no answer').map((pool) => pool.doubt)).toEqual(['no answer']);
  });

  test('paused pools are paused', () => {
    const paused = poolsFrom({
      reading: [capacity({})],
      known: [],
      settings: { pausedPools: ['arm64'] },
    });
    expect(paused[0]?.paused).toBe(true);
  });
});

describe('the snapshot', () => {
  function built(changes: Partial<SnapshotInput>): Snapshot {
    return buildSnapshot({
      nowMs: NOW_MS,
      settings,
      pools: [],
      runs: [],
      marks: [],
      grants: [],
      classStarts: [],
      estimateOf: () => ({ p50Ms: 1, p90Ms: 2 }),
      ...changes,
    });
  }

  test('each run is held, active or left out', () => {
    const snapshot = built({
      runs: [
        observed('held', 'held'),
        observed('marked', 'held'),
        observed('starting', 'starting'),
        observed('running', 'running'),
        observed('foreign-held', 'held', { ours: false }),
        observed('foreign-running', 'running', { ours: false }),
        observed('done', 'succeeded'),
        observed('not-now', 'held'),
      ],
      marks: [marked('marked')],
      notNow: new Set([runId('not-now')]),
    });
    expect(snapshot.held.map((run) => run.id)).toEqual(['held']);
    expect(snapshot.active.map((run) => [run.id, run.sinceMs])).toEqual([
      ['marked', 2_000],
      ['starting', 1_000],
      ['running', 5_000],
      ['foreign-running', 5_000],
    ]);
  });

  test('class starts before the oldest held run tell nothing and are left out', () => {
    const start = { tenant: 'retail', priority: 'normal', requests: { runs: 1 } };
    const snapshot = built({
      runs: [observed('a', 'held')],
      classStarts: [
        { ...start, atMs: 999 },
        { ...start, atMs: 1_001 },
      ],
    });
    expect(snapshot.classStarts.map((each) => each.atMs)).toEqual([1_001]);
  });
});

describe('the last look before starts', () => {
  const pool = { name: 'runs', size: 2, otherUse: 0, paused: false, doubt: null };
  const snapshot = buildSnapshot({
    nowMs: NOW_MS,
    settings,
    pools: [pool],
    runs: [observed('a', 'held'), observed('b', 'held'), observed('c', 'running')],
    marks: [],
    grants: [],
    classStarts: [],
    estimateOf: () => ({ p50Ms: 1, p90Ms: 2 }),
  });

  function deciding(...ids: readonly string[]): Decision {
    return { starts: ids.map((id): RunId => runId(id)), grants: [], reviewAtMs: null };
  }

  test('passes what fits and stops everything else', () => {
    expect(() => checkStarts(snapshot, deciding('a'))).not.toThrow();
    expect(() => checkStarts(snapshot, deciding('a', 'b'))).toThrow(/beyond its size/);
    expect(() => checkStarts(snapshot, deciding('a', 'a'))).toThrow(/only once/);
    expect(() => checkStarts(snapshot, deciding('c'))).toThrow(/only a held run/);
    expect(() => checkStarts({ ...snapshot, paused: true }, deciding('a'))).toThrow(/paused/);
    expect(() => checkStarts({ ...snapshot, pools: [] }, deciding('a'))).toThrow(/known/);
    const doubtful = { ...snapshot, pools: [{ ...pool, doubt: 'stale' }] };
    expect(() => checkStarts(doubtful, deciding('a'))).toThrow(/in doubt/);
  });
});

test('the pause between tries doubles up to its bound, however many there were', () => {
  const bounds = { retryMinMs: 100, retryMaxMs: 1_000 };
  expect([1, 2, 3, 4, 5, 100_000].map((failures) => backoffMs(failures, bounds))).toEqual([
    100, 200, 400, 800, 1_000, 1_000,
  ]);
});

describe('durations from the store', () => {
  function finished(id: string, durationMs: number, startedAtMs = 10_000): FinishedRun {
    return {
      ...observed(id, 'succeeded'),
      startedAtMs,
      finishedAtMs: startedAtMs + durationMs,
      outcome: 'succeeded',
      reason: null,
      usage: null,
      profile: null,
    };
  }

  test('estimates stay as they are until new samples are read, at most once a second', async () => {
    const store = new MemoryStore();
    let nowMs = NOW_MS;
    const clock = { nowMs: () => nowMs, at: () => () => {} };
    const durations = new StoredDurations({ store, clock, firstEstimate: { p50Ms: 500, p90Ms: 900 } });
    const series = { project: 'shop', tenant: 'retail', contentHash: 'c0ffee' };
    await durations.refresh();
    const first = durations.estimateOf(series);
    await store.recordFinished(Array.from({ length: 50 }, (_, n) => finished(`r${n}`, 60_000 + n)));
    expect(durations.estimateOf(series)).toEqual(first);
    durations.outdate();
    await durations.refresh();
    expect(durations.estimateOf(series)).toEqual(first);
    expect(durations.dueAtMs()).toBe(NOW_MS + 1_000);
    nowMs += 1_000;
    await durations.refresh();
    expect(durations.estimateOf(series).p50Ms).toBeGreaterThan(first.p50Ms * 10);
    expect(durations.dueAtMs()).toBeNull();
    await store.recordFinished(Array.from({ length: 50 }, (_, n) => finished(`s${n}`, 90_000_000, 20_000)));
    durations.outdate();
    const before = durations.estimateOf(series).p90Ms;
    await durations.refresh({ now: true });
    expect(durations.estimateOf(series).p90Ms).toBeGreaterThan(before);
  });

  test('samples that cannot be read leave the estimates and are asked for again', async () => {
    const clock = { nowMs: () => NOW_MS, at: () => () => {} };
    const store = { samples: () => Promise.reject(new Error('disk full')) };
    const durations = new StoredDurations({ store, clock, firstEstimate: { p50Ms: 500, p90Ms: 900 } });
    const series = { project: 'shop', tenant: 'retail', contentHash: 'c0ffee' };
    const first = durations.estimateOf(series);
    await expect(durations.refresh()).rejects.toThrow('disk full');
    expect(durations.dueAtMs()).not.toBeNull();
    expect(durations.estimateOf(series)).toEqual(first);
  });
});
