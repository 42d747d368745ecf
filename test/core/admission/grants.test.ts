/** One story for each rule on grants: who gets one, its promise, whom it binds, when it ends (docs/adr/0010-admission-order.md). */
import { test } from 'vitest';
import {
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

const estimate = { p50Ms: 100, p90Ms: 200 };
const armPools = [aPool('runs', 9), aPool('arm', 2)];
const patient = [aPriority('normal', 300)];

const stories: readonly Story[] = [
  {
    name: 'a blocked overdue wide run gets a grant, promised for when what runs is expected to end',
    snapshot: aSnapshot({
      pools: armPools,
      priorities: patient,
      active: [anActiveRun('x', { requests: ARM, sinceMs: 950, estimate })],
      held: [aHeldRun('wide', { requests: TWO_ARM })],
    }),
    wantStarts: [],
    wantGrants: [aGrant('wide', 1_000, 1_050)],
  },
  {
    name: 'what has run longer than its median is expected to take twice that, then four times',
    snapshot: aSnapshot({
      pools: armPools,
      priorities: patient,
      active: [anActiveRun('x', { requests: ARM, sinceMs: 800, estimate })],
      held: [aHeldRun('wide', { requests: TWO_ARM })],
    }),
    wantStarts: [],
    wantGrants: [aGrant('wide', 1_000, 1_200)],
  },
  {
    name: 'nothing is expected to outlive its timeout',
    snapshot: aSnapshot({
      pools: armPools,
      priorities: patient,
      active: [anActiveRun('x', { requests: ARM, sinceMs: 800, estimate, timeoutMs: 230 })],
      held: [aHeldRun('wide', { requests: TWO_ARM })],
    }),
    wantStarts: [],
    wantGrants: [aGrant('wide', 1_000, 1_030)],
  },
  {
    name: 'what should have been killed by now is expected to end in a millisecond',
    snapshot: aSnapshot({
      pools: armPools,
      priorities: patient,
      active: [anActiveRun('x', { requests: ARM, sinceMs: 500, estimate, timeoutMs: 230 })],
      held: [aHeldRun('wide', { requests: TWO_ARM })],
    }),
    wantStarts: [],
    wantGrants: [aGrant('wide', 1_000, 1_001)],
  },
  {
    name: 'a narrow run gets no grant: it needs one unit of one scarce pool, and goes first when it is free',
    snapshot: aSnapshot({
      pools: [aPool('runs', 9), aPool('arm', 1)],
      priorities: patient,
      active: [anActiveRun('x', { requests: ARM, sinceMs: 950, estimate })],
      held: [aHeldRun('narrow', { requests: ARM })],
    }),
    wantStarts: [],
  },
  {
    name: 'two units of the cap on everything make a run wide',
    snapshot: aSnapshot({
      pools: [aPool('runs', 2)],
      priorities: patient,
      active: [anActiveRun('x', { sinceMs: 950, estimate })],
      held: [aHeldRun('wide', { requests: { runs: 2 } })],
    }),
    wantStarts: [],
    wantGrants: [aGrant('wide', 1_000, 1_050)],
  },
  {
    name: 'no grant without a promise: what others use never ends',
    snapshot: aSnapshot({
      pools: [aPool('runs', 9), aPool('arm', 2, { otherUse: 1 })],
      priorities: patient,
      held: [aHeldRun('wide', { requests: TWO_ARM })],
    }),
    wantStarts: [],
  },
  {
    name: 'a run that is not overdue gets none; the review is when it will be',
    snapshot: aSnapshot({
      pools: armPools,
      priorities: patient,
      active: [anActiveRun('x', { requests: ARM, sinceMs: 950, estimate })],
      held: [aHeldRun('wide', { requests: TWO_ARM, heldSinceMs: 701 })],
    }),
    wantStarts: [],
    wantReviewAtMs: 1_001,
  },
  {
    name: 'an older overdue run after the same pool goes before a new grant',
    snapshot: aSnapshot({
      pools: armPools,
      priorities: patient,
      active: [anActiveRun('x', { requests: TWO_ARM, sinceMs: 950, estimate })],
      held: [
        aHeldRun('narrow', { requests: ARM, heldSinceMs: 10 }),
        aHeldRun('wide', { requests: TWO_ARM, heldSinceMs: 11 }),
      ],
    }),
    wantStarts: [],
  },
  {
    name: 'one that waits only for its own cap is no rival',
    snapshot: aSnapshot({
      pools: armPools,
      priorities: patient,
      tenants: [aTenant('a', { caps: { arm: 2 } })],
      active: [anActiveRun('x', { requests: TWO_ARM, sinceMs: 950, estimate })],
      held: [
        aHeldRun('capped', { requests: ARM, heldSinceMs: 10 }),
        aHeldRun('wide', { requests: TWO_ARM, heldSinceMs: 11, tenant: 'b' }),
      ],
    }),
    wantStarts: [],
    wantGrants: [aGrant('wide', 1_000, 1_050)],
  },
  {
    name: 'the second grant is promised behind the first, and no third is given',
    snapshot: aSnapshot({
      pools: armPools,
      priorities: patient,
      active: [anActiveRun('x', { requests: TWO_ARM, sinceMs: 950, estimate })],
      held: ['a', 'b', 'c'].map((tenant) => aHeldRun(tenant, { tenant, requests: TWO_ARM, estimate })),
    }),
    wantStarts: [],
    wantGrants: [aGrant('a', 1_000, 1_050), aGrant('b', 1_000, 1_150)],
  },
  {
    name: 'before a promise a run may start that is expected to be gone in time, to the millisecond',
    snapshot: aSnapshot({
      pools: armPools,
      active: [anActiveRun('x', { requests: ARM })],
      held: [
        aHeldRun('wide', { requests: TWO_ARM }),
        aHeldRun('short', { tenant: 'b', requests: ARM, estimate }),
      ],
      grants: [aGrant('wide', 900, 1_200)],
    }),
    wantStarts: ['short'],
    wantGrants: [aGrant('wide', 900, 1_200)],
  },
  {
    name: 'one that is expected to stay a millisecond longer may not',
    snapshot: aSnapshot({
      pools: armPools,
      active: [anActiveRun('x', { requests: ARM })],
      held: [
        aHeldRun('wide', { requests: TWO_ARM }),
        aHeldRun('long', { tenant: 'b', requests: ARM, estimate }),
      ],
      grants: [aGrant('wide', 900, 1_199)],
    }),
    wantStarts: [],
    wantGrants: [aGrant('wide', 900, 1_199)],
  },
  {
    name: 'a run that leaves the grant its units may start however long it takes',
    snapshot: aSnapshot({
      pools: [aPool('runs', 9), aPool('arm', 3), aPool('ppc', 1)],
      active: [anActiveRun('x', { requests: { ppc: 1 } })],
      held: [
        aHeldRun('wide', { requests: { runs: 1, arm: 2, ppc: 1 } }),
        aHeldRun('long', { tenant: 'b', requests: ARM }),
        aHeldRun('longer', { tenant: 'c', requests: ARM }),
      ],
      grants: [aGrant('wide', 900, 950)],
    }),
    wantStarts: ['long'],
    wantGrants: [aGrant('wide', 900, 950)],
  },
  {
    name: 'a granted run starts before older and higher ones as soon as it fits',
    snapshot: aSnapshot({
      pools: armPools,
      priorities: HIGH_AND_LOW,
      held: [
        aHeldRun('wide', { priority: 'low', requests: TWO_ARM, heldSinceMs: 500 }),
        aHeldRun('high', { priority: 'high', requests: ARM }),
      ],
      grants: [aGrant('wide', 900, 5_000)],
    }),
    wantStarts: ['wide'],
  },
  {
    name: 'a granted run yields to an older grant, not to a younger one',
    snapshot: aSnapshot({
      pools: armPools,
      active: [anActiveRun('x', { requests: { runs: 9 } }), anActiveRun('y', { requests: { arm: 1 } })],
      held: [
        aHeldRun('older', { requests: { arm: 2 } }),
        aHeldRun('younger', { requests: { arm: 1 }, tenant: 'b' }),
      ],
      grants: [aGrant('younger', 901, 910), aGrant('older', 900, 950)],
    }),
    wantStarts: [],
    wantGrants: [aGrant('older', 900, 950), aGrant('younger', 901, 910)],
  },
  {
    name: 'of two grants given at once the one promised earlier is older, then the one held longer',
    snapshot: aSnapshot({
      pools: [aPool('runs', 9, { otherUse: 9 }), aPool('arm', 2)],
      maxGrants: 3,
      held: ['1', '2', '3'].map((id) => aHeldRun(id, { requests: TWO_ARM, tenant: id })),
      grants: [aGrant('3', 900, 950), aGrant('2', 900, 960), aGrant('1', 900, 960)],
    }),
    wantStarts: [],
    wantGrants: [aGrant('3', 900, 950), aGrant('1', 900, 960), aGrant('2', 900, 960)],
  },
  {
    name: 'the room under the cap of its tenant is kept for a grant like the units of a pool',
    snapshot: aSnapshot({
      pools: [aPool('runs', 9), aPool('arm', 9)],
      tenants: [aTenant('a', { caps: { arm: 2 } })],
      active: [anActiveRun('x', { requests: ARM })],
      held: [aHeldRun('wide', { requests: TWO_ARM }), aHeldRun('narrow', { requests: ARM })],
      grants: [aGrant('wide', 900, 950)],
    }),
    wantStarts: [],
    wantGrants: [aGrant('wide', 900, 950)],
  },
  {
    name: 'a promise keeps the room under the cap of its tenant that an earlier grant waits for',
    snapshot: aSnapshot({
      pools: [aPool('runs', 9), aPool('arm', 9), aPool('ppc', 1)],
      priorities: patient,
      tenants: [aTenant('a', { caps: { arm: 3 } })],
      active: [anActiveRun('x', { requests: { arm: 1, ppc: 1 }, sinceMs: 950, estimate })],
      held: [
        aHeldRun('first', { requests: { arm: 2, ppc: 1 }, estimate }),
        aHeldRun('second', { requests: { arm: 2 }, estimate }),
      ],
      grants: [aGrant('first', 900, 1_090)],
    }),
    wantStarts: [],
    // Under the cap there is room for it now, but not for both until the first is gone.
    wantGrants: [aGrant('first', 900, 1_090), aGrant('second', 1_000, 1_190)],
  },
  {
    name: 'a grant whose pool is paused stays and binds nobody',
    snapshot: aSnapshot({
      pools: [aPool('runs', 9), aPool('arm', 2), aPool('ppc', 1, { paused: true })],
      held: [
        aHeldRun('wide', { requests: { arm: 2, ppc: 1 } }),
        aHeldRun('other', { tenant: 'b', requests: ARM }),
      ],
      grants: [aGrant('wide', 900, 950)],
    }),
    wantStarts: ['other'],
    wantGrants: [aGrant('wide', 900, 950)],
  },
  {
    name: 'a grant whose run is gone or can never start any more ends',
    snapshot: aSnapshot({
      pools: [aPool('runs', 1), aPool('arm', 1)],
      held: [aHeldRun('shrunk', { requests: TWO_ARM }), aHeldRun('other', { requests: ARM })],
      grants: [aGrant('shrunk', 900, 950), aGrant('gone', 900, 950)],
    }),
    wantStarts: ['other'],
  },
  {
    name: 'a grant stays with its run though an older run of its class turns up',
    snapshot: aSnapshot({
      pools: [aPool('runs', 9), aPool('arm', 2)],
      held: [
        aHeldRun('returned', { requests: TWO_ARM, heldSinceMs: 5 }),
        aHeldRun('granted', { requests: TWO_ARM, heldSinceMs: 500 }),
      ],
      grants: [aGrant('granted', 900, 950)],
    }),
    wantStarts: ['granted'],
  },
  {
    name: 'of two grants in one class the older starts, though its run was held later',
    snapshot: aSnapshot({
      pools: [aPool('runs', 9), aPool('arm', 2)],
      held: [
        aHeldRun('earlier', { requests: TWO_ARM, heldSinceMs: 5 }),
        aHeldRun('later', { requests: TWO_ARM, heldSinceMs: 500 }),
      ],
      grants: [aGrant('earlier', 901, 950), aGrant('later', 900, 950)],
    }),
    wantStarts: ['later'],
    wantGrants: [aGrant('earlier', 901, 950)],
  },
  {
    name: 'the younger of two grants in one class waits for the older, though it alone would be gone in time',
    snapshot: aSnapshot({
      pools: [aPool('runs', 9), aPool('arm', 3)],
      active: [anActiveRun('x', { requests: { arm: 1 } })],
      held: [
        aHeldRun('oldest', { requests: { arm: 3 }, tenant: 'b' }),
        aHeldRun('long', { requests: TWO_ARM, estimate: { p50Ms: 100, p90Ms: 5_000 } }),
        aHeldRun('short', { requests: TWO_ARM, estimate: { p50Ms: 1, p90Ms: 1 } }),
      ],
      grants: [aGrant('oldest', 800, 2_000), aGrant('long', 900, 1_500), aGrant('short', 901, 1_500)],
    }),
    wantStarts: [],
    wantGrants: [aGrant('oldest', 800, 2_000), aGrant('long', 900, 1_500), aGrant('short', 901, 1_500)],
  },
  {
    name: 'among many tenants the one whose run will be gone in time is found',
    snapshot: aSnapshot({
      pools: [aPool('runs', 3), aPool('arm', 2)],
      active: [anActiveRun('x', { requests: ARM })],
      held: [
        aHeldRun('wide', { requests: { runs: 2, arm: 2 } }),
        ...Array.from({ length: 80 }, (_, place) =>
          aHeldRun(`long ${place}`, { tenant: `t${place}`, heldSinceMs: 100 }),
        ),
        aHeldRun('short', { tenant: 't40', heldSinceMs: 50, estimate }),
      ],
      grants: [aGrant('wide', 900, 1_300)],
    }),
    wantStarts: ['short'],
    wantGrants: [aGrant('wide', 900, 1_300)],
  },
  {
    name: 'with grants switched off nobody gets one, but one that stands is honoured',
    snapshot: aSnapshot({
      pools: armPools,
      maxGrants: 0,
      priorities: patient,
      active: [anActiveRun('x', { requests: ARM })],
      held: [
        aHeldRun('wide', { requests: TWO_ARM }),
        aHeldRun('wide too', { tenant: 'b', requests: TWO_ARM }),
        aHeldRun('narrow', { tenant: 'c', requests: ARM, heldSinceMs: 900 }),
      ],
      grants: [aGrant('wide too', 900, 950)],
    }),
    wantStarts: [],
    wantGrants: [aGrant('wide too', 900, 950)],
    wantReviewAtMs: 1_200,
  },
];

test.each(stories)('$name', check);
