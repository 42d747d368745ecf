/** What holds for every decision, whatever the snapshot, told without the oracle. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decide } from '../../../src/core/admission/decide.ts';
import { holdReasons } from '../../../src/core/admission/hold-reasons.ts';
import type { Decision } from '../../../src/core/model/decision.ts';
import type { ActiveRun, HeldRun, Snapshot } from '../../../src/core/model/snapshot.ts';
import { anySnapshot, shuffled } from './any-snapshot.ts';
import { isLeftOut } from './oracle.ts';

const MANY = { numRuns: 1_000 };

/** The snapshot after the decision has been carried out: what the next decision sees. */
function after(snapshot: Snapshot, { starts, grants }: Decision, nowMs = snapshot.nowMs): Snapshot {
  const started = snapshot.held.filter((run) => starts.includes(run.id));
  const classStarts = started.map(({ tenant, priority, requests }) => ({
    tenant,
    priority,
    requests,
    atMs: snapshot.nowMs,
  }));
  return {
    ...snapshot,
    nowMs,
    held: snapshot.held.filter((run) => !starts.includes(run.id)),
    active: [...snapshot.active, ...started.map((run) => ({ ...run, sinceMs: snapshot.nowMs }))],
    classStarts: [...snapshot.classStarts, ...classStarts],
    grants,
  };
}

function startedBy(snapshot: Snapshot, { starts }: Decision): HeldRun[] {
  return snapshot.held.filter((run) => starts.includes(run.id));
}

function useOf(runs: readonly ActiveRun[], pool: string): number {
  return runs.reduce((sum, run) => sum + (run.requests[pool] ?? 0), 0);
}

test('the order of the lists of a snapshot never matters, neither to the decision nor to the reasons', () => {
  fc.assert(
    fc.property(anySnapshot(), fc.integer(), (snapshot, seed) => {
      const other = shuffled(snapshot, seed);
      const decision = decide(snapshot);
      expect(decide(other)).toEqual(decision);
      const reasons = holdReasons(snapshot, decision);
      const otherReasons = holdReasons(other, decision);
      for (const { id } of snapshot.held) expect(otherReasons.get(id)).toEqual(reasons.get(id));
    }),
    MANY,
  );
});

test('no start takes a pool over its size, or its tenant over its cap', () => {
  fc.assert(
    fc.property(anySnapshot(), (snapshot) => {
      const decision = decide(snapshot);
      const { active } = after(snapshot, decision);
      for (const { tenant, requests } of startedBy(snapshot, decision)) {
        const caps = snapshot.tenants.find((one) => one.name === tenant)?.caps ?? {};
        const ofTenant = active.filter((run) => run.tenant === tenant);
        for (const name of Object.keys(requests)) {
          const pool = snapshot.pools.find((one) => one.name === name);
          expect(useOf(active, name) + (pool?.otherUse ?? 0)).toBeLessThanOrEqual(pool?.size ?? 0);
          expect(useOf(ofTenant, name)).toBeLessThanOrEqual(caps[name] ?? Number.POSITIVE_INFINITY);
        }
      }
    }),
    MANY,
  );
});

test('no run starts twice, and none that is not held', () => {
  fc.assert(
    fc.property(anySnapshot(), (snapshot) => {
      const { starts } = decide(snapshot);
      expect(new Set(starts).size).toBe(starts.length);
      for (const id of starts) expect(snapshot.held.map((run) => run.id)).toContain(id);
    }),
    MANY,
  );
});

test('deciding again at once starts nothing, gives nothing and moves no promise', () => {
  fc.assert(
    fc.property(anySnapshot(), (snapshot) => {
      const first = decide(snapshot);
      expect(decide(after(snapshot, first))).toEqual({ ...first, starts: [] });
    }),
    MANY,
  );
});

test('until the review instant time alone changes nothing', () => {
  fc.assert(
    fc.property(anySnapshot(), fc.double({ min: 0, max: 1, noNaN: true }), (snapshot, part) => {
      const first = decide(snapshot);
      const endMs = first.reviewAtMs ?? snapshot.nowMs + 1_000;
      const atMs = snapshot.nowMs + Math.floor(part * (endMs - 1 - snapshot.nowMs));
      expect(decide(after(snapshot, first, atMs))).toEqual({ ...first, starts: [] });
      // The last millisecond before it is where a mistake of one would show.
      expect(decide(after(snapshot, first, endMs - 1))).toEqual({ ...first, starts: [] });
    }),
    MANY,
  );
});

test('at the review instant a head has become overdue, so the next review is later', () => {
  fc.assert(
    fc.property(anySnapshot(), (snapshot) => {
      const first = decide(snapshot);
      fc.pre(first.reviewAtMs !== null);
      const atMs = first.reviewAtMs as number;
      expect(atMs).toBeGreaterThan(snapshot.nowMs);
      const { reviewAtMs } = decide(after(snapshot, first, atMs));
      if (reviewAtMs !== null) expect(reviewAtMs).toBeGreaterThan(atMs);
    }),
    MANY,
  );
});

test('a run that can never start is not started and changes nothing for the others', () => {
  fc.assert(
    fc.property(anySnapshot(), (snapshot) => {
      const possible = snapshot.held.filter((run) => !isLeftOut(snapshot, run));
      expect(decide({ ...snapshot, held: possible })).toEqual(decide(snapshot));
    }),
    MANY,
  );
});

test('nothing starts of what is paused or in doubt', () => {
  fc.assert(
    fc.property(anySnapshot(), (snapshot) => {
      const stopped = snapshot.pools.filter((pool) => pool.paused || pool.doubt !== null);
      const decision = decide(snapshot);
      if (snapshot.paused) expect(decision.starts).toEqual([]);
      for (const run of startedBy(snapshot, decision)) {
        expect(snapshot.tenants.filter((one) => one.paused).map((one) => one.name)).not.toContain(run.tenant);
        expect(stopped.filter((pool) => pool.name in run.requests)).toEqual([]);
      }
    }),
    MANY,
  );
});

test('standing grants keep their terms, new ones are for now and later, and maxGrants is never exceeded', () => {
  fc.assert(
    fc.property(anySnapshot(), (snapshot) => {
      const decision = decide(snapshot);
      const given = decision.grants.filter(
        (grant) => !snapshot.grants.some((one) => one.runId === grant.runId),
      );
      const kept = decision.grants.length - given.length;
      expect(given.length).toBeLessThanOrEqual(Math.max(0, snapshot.maxGrants - kept));
      for (const grant of decision.grants) {
        const before = snapshot.grants.find((one) => one.runId === grant.runId);
        if (before !== undefined) {
          expect(grant).toEqual(before);
          continue;
        }
        expect(grant.grantedAtMs).toBe(snapshot.nowMs);
        expect(grant.promisedAtMs).toBeGreaterThanOrEqual(snapshot.nowMs);
      }
    }),
    MANY,
  );
});

test('a grant ends exactly when its run starts, is gone, or can never start', () => {
  fc.assert(
    fc.property(anySnapshot(), (snapshot) => {
      const decision = decide(snapshot);
      const waiting = snapshot.held.filter(
        (run) => !isLeftOut(snapshot, run) && !decision.starts.includes(run.id),
      );
      const want = snapshot.grants
        .map((grant) => grant.runId)
        .filter((id) => waiting.some((run) => run.id === id));
      const kept = decision.grants
        .map((grant) => grant.runId)
        .filter((id) => snapshot.grants.some((one) => one.runId === id));
      expect(kept.toSorted()).toEqual(want.toSorted());
    }),
    MANY,
  );
});

test('every held run is started or held for exactly one reason', () => {
  fc.assert(
    fc.property(anySnapshot(), (snapshot) => {
      const decision = decide(snapshot);
      const reasons = holdReasons(snapshot, decision);
      const want = snapshot.held.map((run) => run.id).filter((id) => !decision.starts.includes(id));
      expect([...reasons.keys()].toSorted()).toEqual(want.toSorted());
    }),
    MANY,
  );
});
