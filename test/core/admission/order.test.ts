/** One story for each rule and each tie of the order in which runs start (docs/adr/0010-admission-order.md). */
import { test } from 'vitest';
import {
  aClassStart,
  aGrant,
  aHeldRun,
  anActiveRun,
  aPool,
  aPriority,
  aSnapshot,
  aTenant,
} from '../../builders/admission.ts';
import { check, type Story } from './story.ts';

const HIGH_AND_LOW = [aPriority('high', null), aPriority('low', null)];
const ARM = { runs: 1, arm: 1 };
const TWO_ARM = { runs: 1, arm: 2 };

const stories: readonly Story[] = [
  {
    name: 'the run held longer goes first, whatever the order of the list',
    snapshot: aSnapshot({
      held: [aHeldRun('younger', { heldSinceMs: 20 }), aHeldRun('older', { heldSinceMs: 10 })],
    }),
    wantStarts: ['older'],
  },
  {
    name: 'of two runs held since the same millisecond the smaller id goes first, by code units',
    snapshot: aSnapshot({ held: [aHeldRun('b'), aHeldRun('a'), aHeldRun('B')] }),
    wantStarts: ['B'],
  },
  {
    name: 'two classes that tie in everything else are told apart by id too',
    snapshot: aSnapshot({ held: [aHeldRun('2', { tenant: 'a' }), aHeldRun('1', { tenant: 'b' })] }),
    wantStarts: ['1'],
  },
  {
    name: 'use by active runs counts: only what is left starts',
    snapshot: aSnapshot({
      pools: [aPool('runs', 3)],
      active: [anActiveRun('x'), anActiveRun('y')],
      held: [aHeldRun('1'), aHeldRun('2')],
    }),
    wantStarts: ['1'],
  },
  {
    name: 'use by others counts',
    snapshot: aSnapshot({
      pools: [aPool('runs', 3, { otherUse: 2 })],
      held: [aHeldRun('1'), aHeldRun('2')],
    }),
    wantStarts: ['1'],
  },
  {
    name: 'a pool over its size starts nothing',
    snapshot: aSnapshot({ active: [anActiveRun('x'), anActiveRun('y')], held: [aHeldRun('1')] }),
    wantStarts: [],
  },
  {
    name: 'a higher priority goes before an older run of a lower one',
    snapshot: aSnapshot({
      priorities: HIGH_AND_LOW,
      held: [aHeldRun('old', { priority: 'low' }), aHeldRun('high', { priority: 'high', heldSinceMs: 900 })],
    }),
    wantStarts: ['high'],
  },
  {
    name: 'a run overdue at this very millisecond competes at the top level, where waiting longer wins',
    snapshot: aSnapshot({
      priorities: [aPriority('high'), aPriority('low', 1_000)],
      held: [
        aHeldRun('overdue', { priority: 'low', heldSinceMs: 0 }),
        aHeldRun('high', { priority: 'high', heldSinceMs: 900 }),
      ],
    }),
    wantStarts: ['overdue'],
  },
  {
    name: 'a millisecond before that it does not, and the review is then',
    snapshot: aSnapshot({
      nowMs: 999,
      priorities: [aPriority('high'), aPriority('low', 1_000)],
      held: [
        aHeldRun('almost', { priority: 'low', heldSinceMs: 0 }),
        aHeldRun('high', { priority: 'high', heldSinceMs: 900 }),
      ],
    }),
    wantStarts: ['high'],
    wantReviewAtMs: 1_000,
  },
  {
    name: 'a class that started lately is not overdue again, though its next run has waited long',
    snapshot: aSnapshot({
      priorities: [aPriority('high'), aPriority('low', 500)],
      held: [
        aHeldRun('old', { priority: 'low', heldSinceMs: 0 }),
        aHeldRun('high', { priority: 'high', heldSinceMs: 900 }),
      ],
      classStarts: [
        aClassStart(501, { priority: 'low' }),
        aClassStart(200, { priority: 'low' }),
        aClassStart(999, { priority: 'low', tenant: 'b' }),
      ],
    }),
    wantStarts: ['high'],
    wantReviewAtMs: 1_001,
  },
  {
    name: 'the tenant that uses less goes first, though its run is younger',
    snapshot: aSnapshot({
      pools: [aPool('runs', 2)],
      active: [anActiveRun('x', { tenant: 'a' })],
      held: [aHeldRun('1', { tenant: 'a' }), aHeldRun('2', { tenant: 'b', heldSinceMs: 900 })],
    }),
    wantStarts: ['2'],
  },
  {
    name: 'starts of this decision count in the share: tenants take turns',
    snapshot: aSnapshot({
      pools: [aPool('runs', 4)],
      held: ['1', '2', '3'].flatMap((id) => [
        aHeldRun(`a${id}`, { tenant: 'a', heldSinceMs: 0 }),
        aHeldRun(`b${id}`, { tenant: 'b', heldSinceMs: 10 }),
      ]),
    }),
    wantStarts: ['a1', 'b1', 'a2', 'b2'],
  },
  {
    name: 'twice the weight may use twice as much',
    snapshot: aSnapshot({
      pools: [aPool('runs', 9)],
      tenants: [aTenant('a', { weight: 2 })],
      active: [anActiveRun('x', { tenant: 'b' }), anActiveRun('y'), anActiveRun('z')],
      held: ['1', '2', '3', '4'].flatMap((id) => [
        aHeldRun(`a${id}`, { tenant: 'a' }),
        aHeldRun(`b${id}`, { tenant: 'b' }),
      ]),
    }),
    wantStarts: ['a1', 'b1', 'a2', 'a3', 'b2', 'a4'],
  },
  {
    name: 'only the pools that a run asks for count in its share',
    snapshot: aSnapshot({
      pools: [aPool('runs', 10), aPool('arm', 1)],
      active: [anActiveRun('x', { tenant: 'a', requests: { arm: 1 } }), ...slots('b', 9)],
      held: [aHeldRun('1', { tenant: 'b', heldSinceMs: 0 }), aHeldRun('2', { tenant: 'a', heldSinceMs: 9 })],
    }),
    wantStarts: ['2'],
  },
  {
    name: 'a run that does not fit is passed by another that does',
    snapshot: aSnapshot({
      pools: [aPool('runs', 2), aPool('arm', 1)],
      active: [anActiveRun('x', { requests: ARM })],
      held: [aHeldRun('arm', { requests: ARM }), aHeldRun('plain', { heldSinceMs: 900 })],
    }),
    wantStarts: ['plain'],
  },
  {
    name: 'a tenant at its cap is passed, though the pool has room',
    snapshot: aSnapshot({
      pools: [aPool('runs', 5)],
      tenants: [aTenant('a', { caps: { runs: 1 } })],
      active: slots('b', 2),
      held: [aHeldRun('1'), aHeldRun('2'), aHeldRun('3', { tenant: 'b' })],
    }),
    wantStarts: ['1', '3'],
  },
  {
    name: 'a run held "in the future" by another clock waits like any other',
    snapshot: aSnapshot({ held: [aHeldRun('1', { heldSinceMs: 5_000 })] }),
    wantStarts: ['1'],
  },
  {
    name: 'what can never start blocks nobody',
    snapshot: aSnapshot({
      pools: [aPool('runs', 1)],
      tenants: [aTenant('a', { caps: { runs: 0 } })],
      held: [
        aHeldRun('size', { tenant: 'b', requests: { runs: 2 } }),
        aHeldRun('cap'),
        aHeldRun('pool', { tenant: 'b', requests: { runs: 1, gpu: 1 } }),
        aHeldRun('priority', { tenant: 'b', priority: 'urgent' }),
        aHeldRun('fits', { tenant: 'b', heldSinceMs: 900 }),
      ],
    }),
    wantStarts: ['fits'],
  },
  {
    name: 'while everything is paused nothing starts, no grant is given, and there is nothing to review',
    snapshot: aSnapshot({
      paused: true,
      pools: [aPool('runs', 2), aPool('arm', 2)],
      priorities: [aPriority('normal', 10)],
      held: [aHeldRun('wide', { requests: TWO_ARM }), aHeldRun('new', { heldSinceMs: 995 })],
      active: [anActiveRun('x', { requests: ARM })],
      grants: [aGrant('new', 996, 999)],
    }),
    wantStarts: [],
    wantGrants: [aGrant('new', 996, 999)],
  },
  {
    name: 'a paused tenant, a paused pool and a pool in doubt stop only those who need them',
    snapshot: aSnapshot({
      pools: [aPool('runs', 9), aPool('arm', 9, { paused: true }), aPool('ppc', 9, { doubt: 'stale' })],
      tenants: [aTenant('b', { paused: true })],
      held: [
        aHeldRun('arm', { requests: ARM }),
        aHeldRun('ppc', { requests: { runs: 1, ppc: 1 } }),
        aHeldRun('b', { tenant: 'b' }),
        aHeldRun('free'),
      ],
    }),
    wantStarts: ['free'],
  },
  {
    name: 'of a head that is stalled no review is due',
    snapshot: aSnapshot({
      pools: [aPool('runs', 9), aPool('arm', 9, { paused: true })],
      priorities: [aPriority('normal', 5_000)],
      held: [aHeldRun('arm', { requests: ARM })],
    }),
    wantStarts: [],
  },
];

function slots(tenant: string, count: number): ReturnType<typeof anActiveRun>[] {
  return Array.from({ length: count }, (_, place) => anActiveRun(`${tenant}-${place}`, { tenant }));
}

test.each(stories)('$name', check);
