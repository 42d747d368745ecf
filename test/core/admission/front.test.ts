/**
 * A run that was moved to the front is a grant older than all others, promised for now:
 * what people mean by "front" follows from the rules on grants (docs/adr/0010-admission-order.md).
 */
import { describe, expect, test } from 'vitest';
import { decide } from '../../../src/core/admission/decide.ts';
import { medianPlan } from '../../../src/core/forecast/plan.ts';
import type { Grant, Snapshot } from '../../../src/core/model/snapshot.ts';
import {
  aGrant,
  aHeldRun,
  anActiveRun,
  aPool,
  aPriority,
  aSnapshot,
  aTenant,
  ids,
} from '../../builders/admission.ts';

/** The one moved last has the lowest number. */
function front(id: string, place = 1): Grant {
  return aGrant(id, -place, 500);
}

const ARM = { runs: 1, arm: 1 };
const estimate = { p50Ms: 100, p90Ms: 200 };

function starts(parts: Partial<Snapshot>) {
  return decide(aSnapshot(parts)).starts;
}

describe('one slot is free', () => {
  const rivals = [
    aHeldRun('older', { heldSinceMs: 0 }),
    aHeldRun('urgent', { heldSinceMs: 5, priority: 'high' }),
    aHeldRun('idle-tenant', { heldSinceMs: 7, tenant: 'b' }),
    aHeldRun('moved', { heldSinceMs: 9 }),
  ];
  const busy = { pools: [aPool('runs', 2)], active: [anActiveRun('x')] };
  const priorities = [aPriority('high', 100), aPriority('normal', 100)];

  test.each([0, 1, 4])(
    'it goes before its class, higher priorities and other tenants (%i grants)',
    (maxGrants) => {
      expect(starts({ ...busy, priorities, held: rivals, grants: [front('moved')], maxGrants })).toEqual(
        ids('moved'),
      );
    },
  );

  test('it goes before grants that were given by waiting, though all of them are taken', () => {
    const held = [aHeldRun('moved'), aHeldRun('g1', { tenant: 'b' }), aHeldRun('g2', { tenant: 'c' })];
    const grants = [aGrant('g1', 100, 200), aGrant('g2', 110, 210), front('moved')];
    const decision = decide(aSnapshot({ ...busy, held, grants, maxGrants: 2 }));
    expect(decision.starts).toEqual(ids('moved'));
    expect(decision.grants.map((grant) => grant.runId)).toEqual(ids('g1', 'g2'));
  });

  test('of two that were moved the one moved last goes first, then the other', () => {
    const held = [aHeldRun('first-moved'), aHeldRun('last-moved'), aHeldRun('other', { tenant: 'b' })];
    const grants = [front('first-moved', 1), front('last-moved', 2)];
    expect(starts({ ...busy, held, grants })).toEqual(ids('last-moved'));
    expect(starts({ pools: [aPool('runs', 2)], held, grants })).toEqual(ids('last-moved', 'first-moved'));
  });
});

describe('it does not fit yet', () => {
  const pools = [aPool('runs', 4), aPool('arm', 2)];
  const wide = aHeldRun('moved', { requests: { runs: 1, arm: 2 }, heldSinceMs: 9 });

  test('nothing takes the units that come free for it, however short', () => {
    const held = [aHeldRun('short', { requests: ARM, estimate: { p50Ms: 1, p90Ms: 1 } }), wide];
    const active = [anActiveRun('x', { requests: ARM, estimate })];
    const decision = decide(aSnapshot({ pools, held, active, grants: [front('moved')], maxGrants: 0 }));
    expect(decision.starts).toEqual([]);
    expect(decision.grants).toEqual([front('moved')]);
  });

  test('what needs other pools, or leaves its units free, starts meanwhile', () => {
    const held = [aHeldRun('no-arm'), wide];
    const active = [anActiveRun('x', { requests: ARM, estimate })];
    expect(starts({ pools, held, active, grants: [front('moved')] })).toEqual(ids('no-arm'));
  });

  test('a narrow one keeps its slot as a wide one does', () => {
    const held = [aHeldRun('short', { requests: { runs: 1 }, estimate: { p50Ms: 1, p90Ms: 1 } })];
    const narrow = aHeldRun('moved', { requests: ARM, heldSinceMs: 9 });
    const busy = [anActiveRun('x', { requests: { runs: 1, arm: 2 } })];
    const grants = [front('moved')];
    const full = { pools: [aPool('runs', 2), aPool('arm', 2)], active: busy, grants };
    expect(starts({ ...full, held: [...held, narrow] })).toEqual([]);
    expect(starts({ ...full, held: [...held, narrow], active: [] })).toEqual(ids('moved', 'short'));
  });

  test('one stopped by the cap of its tenant keeps its slot, and starts when its tenant uses less', () => {
    const capped = { pools: [aPool('runs', 2)], tenants: [aTenant('a', { caps: { runs: 1 } })] };
    const held = [aHeldRun('moved'), aHeldRun('other', { tenant: 'b' })];
    const grants = [front('moved')];
    expect(starts({ ...capped, held, grants, active: [anActiveRun('x')] })).toEqual([]);
    expect(starts({ ...capped, held, grants })).toEqual(ids('moved', 'other'));
  });

  test('the second of two waits for the first where both need the same units, and only there', () => {
    const second = aHeldRun('second', { requests: ARM, tenant: 'b' });
    const elsewhere = aHeldRun('elsewhere', { tenant: 'c' });
    const active = [anActiveRun('x', { requests: ARM, estimate })];
    const grants = [front('second', 1), front('elsewhere', 2), front('moved', 3)];
    expect(starts({ pools, held: [wide, second, elsewhere], active, grants })).toEqual(ids('elsewhere'));
  });
});

describe('it cannot start', () => {
  const other = aHeldRun('other', { tenant: 'b' });
  const grants = [front('moved')];

  test.each([
    ['its tenant is paused', { tenants: [aTenant('a', { paused: true })] }],
    ['its pool is paused', { held: [aHeldRun('moved', { requests: ARM }), other] }],
    ['it asks for too much', { held: [aHeldRun('moved', { requests: { runs: 3 } }), other] }],
    ['it is gone', { held: [other] }],
  ])('%s: it holds nobody up', (_, parts) => {
    const pools = [aPool('runs', 1), aPool('arm', 1, { paused: true })];
    expect(starts({ pools, held: [aHeldRun('moved'), other], grants, ...parts })).toEqual(ids('other'));
  });

  test('everything is paused: it does not start either, and is first afterwards', () => {
    const held = [other, aHeldRun('moved', { heldSinceMs: 9 })];
    const decision = decide(aSnapshot({ held, grants, paused: true }));
    expect([decision.starts, decision.grants]).toEqual([[], grants]);
    expect(starts({ held, grants: decision.grants })).toEqual(ids('moved'));
  });
});

test('the plan gives it the first place', () => {
  const held = ['a', 'b', 'moved'].map((id, place) => aHeldRun(id, { heldSinceMs: place }));
  const plan = medianPlan(aSnapshot({ held, active: [anActiveRun('x')], grants: [front('moved')] }));
  expect(['moved', 'a', 'b'].map((id) => plan.get(ids(id)[0] as never)?.position)).toEqual([1, 2, 3]);
});
