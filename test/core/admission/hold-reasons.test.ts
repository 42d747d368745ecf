/** Why a run does not start: each kind of reason once, with its numbers. */
import { expect, test } from 'vitest';
import { decide } from '../../../src/core/admission/decide.ts';
import { holdReasons } from '../../../src/core/admission/hold-reasons.ts';
import type { HoldReason } from '../../../src/core/model/decision.ts';
import { runId } from '../../../src/core/model/run.ts';
import type { Snapshot } from '../../../src/core/model/snapshot.ts';
import {
  aGrant,
  aHeldRun,
  anActiveRun,
  aPool,
  aPriority,
  aSnapshot,
  aTenant,
} from '../../builders/admission.ts';

interface Story {
  readonly name: string;
  readonly snapshot: Snapshot;
  /** By run, in the order of held since and id. */
  readonly want: Readonly<Record<string, HoldReason>>;
}

const ARM = { runs: 1, arm: 1 };
const TWO_ARM = { runs: 1, arm: 2 };
const slotsFull: HoldReason = { kind: 'pool-full', pool: 'runs', asked: 1, free: 0, size: 1 };

const stories: readonly Story[] = [
  {
    name: 'the run that starts has no reason, the next one is told that the pool is full',
    snapshot: aSnapshot({ held: [aHeldRun('1'), aHeldRun('2')] }),
    want: { 2: slotsFull },
  },
  {
    name: 'who waits behind the first of his class is told whom, how many are ahead, and why that one waits',
    snapshot: aSnapshot({ active: [anActiveRun('x')], held: ['1', '2', '3'].map((id) => aHeldRun(id)) }),
    want: {
      1: slotsFull,
      2: { kind: 'behind', head: runId('1'), ahead: 1, first: slotsFull },
      3: { kind: 'behind', head: runId('1'), ahead: 2, first: slotsFull },
    },
  },
  {
    name: 'a scarce pool is named before the cap on everything; free and size are what they are',
    snapshot: aSnapshot({
      pools: [aPool('runs', 1), aPool('arm', 4)],
      active: [anActiveRun('x', { requests: { runs: 1, arm: 3 } })],
      held: [aHeldRun('1', { requests: TWO_ARM })],
    }),
    want: { 1: { kind: 'pool-full', pool: 'arm', asked: 2, free: 1, size: 4 } },
  },
  {
    name: 'a pool over its size has 0 free, not less',
    snapshot: aSnapshot({
      active: [anActiveRun('x'), anActiveRun('y'), anActiveRun('z')],
      held: [aHeldRun('1')],
    }),
    want: { 1: slotsFull },
  },
  {
    name: 'a tenant at its cap is told the cap and the room under it',
    snapshot: aSnapshot({
      pools: [aPool('runs', 9), aPool('arm', 9)],
      tenants: [aTenant('a', { caps: { arm: 3 } })],
      active: [anActiveRun('x', { requests: TWO_ARM })],
      held: [aHeldRun('1', { requests: TWO_ARM })],
    }),
    want: { 1: { kind: 'tenant-cap', pool: 'arm', tenant: 'a', asked: 2, free: 1, cap: 3 } },
  },
  {
    name: 'a tenant over its cap has 0 left',
    snapshot: aSnapshot({
      pools: [aPool('runs', 9)],
      tenants: [aTenant('a', { caps: { runs: 1 } })],
      active: [anActiveRun('x'), anActiveRun('y')],
      held: [aHeldRun('1')],
    }),
    want: { 1: { kind: 'tenant-cap', pool: 'runs', tenant: 'a', asked: 1, free: 0, cap: 1 } },
  },
  {
    name: 'while everything is paused everybody is told so',
    snapshot: aSnapshot({ paused: true, held: [aHeldRun('1'), aHeldRun('2')] }),
    want: { 1: { kind: 'paused', scope: 'everything' }, 2: { kind: 'paused', scope: 'everything' } },
  },
  {
    name: 'a paused tenant is told so, each of its runs',
    snapshot: aSnapshot({
      tenants: [aTenant('a', { paused: true })],
      held: [aHeldRun('1'), aHeldRun('2')],
    }),
    want: {
      1: { kind: 'paused', scope: 'tenant', name: 'a' },
      2: { kind: 'paused', scope: 'tenant', name: 'a' },
    },
  },
  {
    name: 'a paused pool is named, and one in doubt with its doubt',
    snapshot: aSnapshot({
      pools: [aPool('runs', 9), aPool('arm', 1, { paused: true }), aPool('ppc', 1, { doubt: 'stale' })],
      held: [aHeldRun('1', { requests: ARM }), aHeldRun('2', { requests: { runs: 1, ppc: 1 } })],
    }),
    want: {
      1: { kind: 'paused', scope: 'pool', name: 'arm' },
      2: { kind: 'capacity-in-doubt', pool: 'ppc', doubt: 'stale' },
    },
  },
  {
    name: 'what can never start is told what is unknown or too small',
    snapshot: aSnapshot({
      pools: [aPool('runs', 9), aPool('arm', 2)],
      priorities: [aPriority('high'), aPriority('normal')],
      tenants: [aTenant('b', { caps: { arm: 1 } })],
      held: [
        aHeldRun('1', { priority: 'urgent' }),
        aHeldRun('2', { requests: { runs: 1, gpu: 1 } }),
        aHeldRun('3', { requests: { runs: 1, arm: 3 } }),
        aHeldRun('4', { tenant: 'b', requests: TWO_ARM }),
      ],
    }),
    want: {
      1: { kind: 'unknown-priority', priority: 'urgent', known: ['high', 'normal'] },
      2: { kind: 'unknown-pool', pool: 'gpu', known: ['arm', 'runs'] },
      3: { kind: 'never-fits', pool: 'arm', asked: 3, size: 2 },
      4: { kind: 'never-fits-cap', pool: 'arm', tenant: 'b', asked: 2, cap: 1 },
    },
  },
  {
    name: 'units kept for a grant are said to be reserved, for whom and until when',
    snapshot: aSnapshot({
      pools: [aPool('runs', 9), aPool('arm', 2)],
      active: [anActiveRun('x', { requests: ARM })],
      held: [aHeldRun('1', { requests: TWO_ARM }), aHeldRun('2', { tenant: 'b', requests: ARM })],
      grants: [aGrant('1', 900, 5_000)],
    }),
    want: {
      1: { kind: 'pool-full', pool: 'arm', asked: 2, free: 1, size: 2 },
      2: { kind: 'reserved', pool: 'arm', forRun: runId('1'), promisedAtMs: 5_000 },
    },
  },
  {
    name: 'room under the cap that is kept for a grant of the same tenant names the capped pool',
    snapshot: aSnapshot({
      pools: [aPool('runs', 9), aPool('arm', 2), aPool('b-pool', 9)],
      // Of `arm` there is room for exactly both, so that is not what is kept.
      tenants: [aTenant('a', { caps: { arm: 2, 'b-pool': 2 } })],
      active: [anActiveRun('x', { requests: { 'b-pool': 1 } })],
      held: [
        aHeldRun('1', { requests: { runs: 1, arm: 1, 'b-pool': 2 } }),
        aHeldRun('2', { requests: { runs: 1, arm: 1, 'b-pool': 1 } }),
      ],
      grants: [aGrant('1', 900, 5_000)],
    }),
    want: {
      1: { kind: 'tenant-cap', pool: 'b-pool', tenant: 'a', asked: 2, free: 1, cap: 2 },
      2: { kind: 'reserved', pool: 'b-pool', forRun: runId('1'), promisedAtMs: 5_000 },
    },
  },
  {
    name: 'a granted run that yields to an older grant is told which',
    snapshot: aSnapshot({
      pools: [aPool('runs', 9, { otherUse: 9 }), aPool('arm', 2)],
      held: [aHeldRun('1', { requests: TWO_ARM }), aHeldRun('2', { tenant: 'b', requests: { arm: 2 } })],
      grants: [aGrant('2', 901, 910), aGrant('1', 900, 950)],
    }),
    want: {
      1: { kind: 'pool-full', pool: 'runs', asked: 1, free: 0, size: 9 },
      2: { kind: 'reserved', pool: 'arm', forRun: runId('1'), promisedAtMs: 950 },
    },
  },
];

test.each(stories)('$name', ({ snapshot, want }) => {
  expect(Object.fromEntries(holdReasons(snapshot, decide(snapshot)))).toEqual(want);
});

test('reasons asked for with the decision of another snapshot are refused', () => {
  const snapshot = aSnapshot({ held: [aHeldRun('1')] });
  expect(() => holdReasons(snapshot, { starts: [], grants: [], reviewAtMs: null })).toThrow(
    /another snapshot/,
  );
});
