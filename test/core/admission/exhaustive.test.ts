/**
 * All queues of up to four held runs on small capacities, decided by the admission core and by
 * the oracle. Whatever goes wrong in the large mostly shows in the small, and here nothing is
 * left out. Three families keep the number of combinations payable; each varies other things.
 */
import { expect, test } from 'vitest';
import type { Requests } from '../../../src/core/model/run.ts';
import type { HeldRun, Snapshot } from '../../../src/core/model/snapshot.ts';
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
import { difference } from './compare.ts';
import { EveryChoice } from './every-choice.ts';

/** Every combination agrees; answers how many there were. */
function checkAll(make: (choice: EveryChoice) => Snapshot): number {
  const choice = new EveryChoice();
  let count = 0;
  while (choice.next()) {
    const found = difference(make(choice));
    if (found !== null) expect.fail(found);
    count += 1;
  }
  return count;
}

/** Up to `most` runs, each of one of the kinds; a queue is a multiset, so kinds never decrease. */
function queue(choice: EveryChoice, most: number, kinds: readonly Partial<HeldRun>[]): HeldRun[] {
  const count = choice.below(most + 1);
  const runs: HeldRun[] = [];
  let kind = 0;
  for (let place = 0; place < count; place += 1) {
    kind += choice.below(kinds.length - kind);
    // Descending ids: where held times tie, the later kind goes first.
    runs.push(aHeldRun(`r${9 - place}`, kinds[kind] as Partial<HeldRun>));
  }
  return runs;
}

function product<A, B>(as: readonly A[], bs: readonly B[]): (A & B)[] {
  return as.flatMap((a) => bs.map((b) => ({ ...a, ...b })));
}

function kindsOf(parts: {
  readonly tenants: readonly string[];
  readonly priorities: readonly string[];
  readonly requests: readonly Requests[];
  readonly heldSinceMs: readonly number[];
}): Partial<HeldRun>[] {
  const tenants = parts.tenants.map((tenant) => ({ tenant }));
  const priorities = parts.priorities.map((priority) => ({ priority }));
  const requests = parts.requests.map((one) => ({ requests: one }));
  const times = parts.heldSinceMs.map((heldSinceMs) => ({ heldSinceMs }));
  return product(product(tenants, priorities), product(requests, times));
}

const SLOT: Requests = { runs: 1 };
const SLOT_AND_ARM: Requests = { runs: 1, arm: 1 };
const TWO_ARM: Requests = { runs: 1, arm: 2 };

test('level, share, waiting time and id order every small queue as the oracle does', () => {
  const kinds = kindsOf({
    tenants: ['a', 'b'],
    priorities: ['high', 'low'],
    requests: [SLOT, SLOT_AND_ARM],
    heldSinceMs: [0, 50],
  });
  const count = checkAll((choice) => ({
    ...aSnapshot({
      nowMs: 100,
      maxGrants: 0,
      held: queue(choice, 4, kinds),
      pools: [aPool('runs', 1 + choice.below(2)), aPool('arm', 1)],
      priorities: [aPriority('high'), aPriority('low', choice.of([70, 100]))],
      active: choice.chance() ? [anActiveRun('x', { tenant: 'a', requests: SLOT })] : [],
    }),
  }));
  expect(count).toBe(4_845 * 8);
});

test('grants are given, kept and honoured in every small queue as the oracle does', () => {
  const estimate = { p50Ms: 10, p90Ms: 20 };
  const kinds = [
    ...kindsOf({
      tenants: ['a'],
      priorities: ['normal'],
      requests: [SLOT_AND_ARM, TWO_ARM],
      heldSinceMs: [0, 95],
    }),
    ...kindsOf({
      tenants: ['b'],
      priorities: ['normal'],
      requests: [SLOT_AND_ARM, TWO_ARM],
      heldSinceMs: [50],
    }),
    ...kindsOf({ tenants: ['b'], priorities: ['normal'], requests: [SLOT], heldSinceMs: [0] }),
  ].map((kind) => ({ ...kind, estimate }));
  const count = checkAll((choice) => {
    const held = queue(choice, 4, kinds);
    const granted = choice.below(held.length + 1);
    const promisedAtMs = granted === 0 ? 0 : choice.of([90, 119, 120]);
    return aSnapshot({
      nowMs: 100,
      maxGrants: choice.below(3),
      held,
      pools: [aPool('runs', 3), aPool('arm', 2)],
      priorities: [aPriority('normal', choice.of([10, 60]))],
      active: choice.chance()
        ? [anActiveRun('x', { tenant: 'a', requests: SLOT_AND_ARM, sinceMs: 97, estimate })]
        : [],
      grants: granted === 0 ? [] : [aGrant((held[granted - 1] as HeldRun).id, 80, promisedAtMs)],
    });
  });
  expect(count).toBeGreaterThan(20_000);
});

test('caps, pauses, doubts and class starts decide every small queue as the oracle does', () => {
  const estimate = { p50Ms: 10, p90Ms: 20 };
  const kinds = kindsOf({
    tenants: ['a', 'b'],
    priorities: ['normal'],
    requests: [SLOT, TWO_ARM, { arm: 1 }],
    heldSinceMs: [0],
  }).map((kind) => ({ ...kind, estimate }));
  const count = checkAll((choice) => {
    const held = queue(choice, 4, kinds);
    const granted = held.length > 0 && choice.chance();
    return aSnapshot({
      nowMs: 100,
      maxGrants: 1,
      held,
      pools: [
        aPool('runs', 2, { paused: choice.chance() }),
        aPool('arm', 2, { doubt: choice.of([null, 'stale']), otherUse: choice.below(2) }),
      ],
      priorities: [aPriority('normal', 40)],
      tenants: [
        aTenant('a', { caps: choice.of<Requests>([{}, { runs: 1 }, { arm: 2 }, { arm: 1 }]), weight: 2 }),
        aTenant('b', { paused: choice.chance() }),
      ],
      grants: granted ? [aGrant((held[0] as HeldRun).id, 80, 115)] : [],
      classStarts: choice.chance() ? [aClassStart(70, { tenant: 'b', requests: TWO_ARM })] : [],
    });
  });
  expect(count).toBeGreaterThan(20_000);
});
