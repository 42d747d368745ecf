/**
 * Random snapshots for the properties: few names and small numbers, so that runs meet in the
 * same classes, pools are often full, waiting is often too long, and windows are often close.
 */
import fc from 'fast-check';
import { type Requests, runId } from '../../../src/core/model/run.ts';
import type {
  ActiveRun,
  ClassStart,
  HeldRun,
  Pool,
  Snapshot,
  Tenant,
} from '../../../src/core/model/snapshot.ts';

export const NOW_MS = 1_000;
const SCARCE = ['arm', 'ppc', 's390'] as const;
const TENANTS = ['a', 'b', 'c'] as const;
const PRIORITIES = ['high', 'normal', 'never'] as const;

/** `usually` nine times out of ten. */
function mostly<T>(usually: fc.Arbitrary<T>, rarely: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof({ arbitrary: usually, weight: 9 }, { arbitrary: rarely, weight: 1 });
}

const anyTenant = fc.constantFrom(...TENANTS);
const anyPriority = fc.constantFrom(...PRIORITIES);
const anyInstant = fc.oneof(fc.constantFrom(900, 950, NOW_MS), fc.integer({ min: 0, max: NOW_MS }));

/** Half of them wide, most of them after the same pool; few vectors, so that classes have several members. */
const anyRequests: fc.Arbitrary<Requests> = mostly<Requests>(
  fc.constantFrom<Requests>(
    { runs: 1 },
    { runs: 1, arm: 1 },
    { runs: 1, arm: 2 },
    { arm: 2, ppc: 1, runs: 1 },
    { runs: 1, arm: 1, ppc: 1, s390: 1 },
  ),
  fc.constantFrom<Requests>(
    { arm: 1 },
    { runs: 2 },
    { runs: 1, ppc: 3 },
    { runs: 1, gpu: 1 },
    { runs: 9 },
    {},
    { s390: 2 },
  ),
);

const anyEstimate = mostly(
  fc.record({ p50Ms: fc.integer({ min: 1, max: 60 }), p90Ms: fc.integer({ min: 1, max: 150 }) }),
  fc.constantFrom({ p50Ms: 0, p90Ms: 0.4 }, { p50Ms: 10.5, p90Ms: 20.5 }),
);

const anyTimeout = fc.option(fc.integer({ min: 1, max: 400 }));

function aHeld(heldSinceMs: fc.Arbitrary<number>): fc.Arbitrary<Omit<HeldRun, 'id'>> {
  return fc.record({
    project: fc.constant('project'),
    tenant: anyTenant,
    contentHash: fc.constant('content'),
    priority: mostly<string>(anyPriority, fc.constantFrom('high', 'high', 'high', 'unknown')),
    requests: anyRequests,
    heldSinceMs,
    estimate: anyEstimate,
    timeoutMs: anyTimeout,
  });
}

const anyActive: fc.Arbitrary<Omit<ActiveRun, 'id'>> = fc.record({
  project: fc.constant('project'),
  tenant: anyTenant,
  contentHash: fc.constant('content'),
  requests: anyRequests,
  sinceMs: mostly(fc.integer({ min: 800, max: NOW_MS }), fc.integer({ min: 0, max: NOW_MS + 20 })),
  estimate: anyEstimate,
  timeoutMs: anyTimeout,
});

function aPoolNamed(name: string, sizeMax: number): fc.Arbitrary<Pool> {
  return fc.record({
    name: fc.constant(name),
    size: mostly(fc.integer({ min: 2, max: sizeMax }), fc.constantFrom(0, 1, 8)),
    otherUse: mostly(fc.constant(0), fc.integer({ min: 1, max: 3 })),
    paused: mostly(fc.constant(false), fc.boolean()),
    doubt: mostly<string | null>(fc.constant(null), fc.constantFrom(null, 'stale')),
  });
}

const anyPools: fc.Arbitrary<Pool[]> = fc
  .tuple(aPoolNamed('runs', 7), ...SCARCE.map((name) => aPoolNamed(name, 4)))
  .map((pools) => [...pools]);

const anyCaps: fc.Arbitrary<Requests> = mostly<Requests>(
  fc.constantFrom<Requests>({}, { arm: 2 }, { arm: 1, ppc: 1 }, { runs: 2 }, { runs: 3, ppc: 3 }),
  fc.constantFrom<Requests>({ arm: 1 }, { elsewhere: 1 }, { runs: 1 }),
);

const anyTenants: fc.Arbitrary<Tenant[]> = fc.subarray([...TENANTS]).chain((names) =>
  fc
    .tuple(
      ...names.map((name) =>
        fc.record({
          name: fc.constant<string>(name),
          weight: fc.constantFrom(1, 1, 2, 0.5, 3),
          caps: anyCaps,
          paused: mostly(fc.constant(false), fc.boolean()),
        }),
      ),
    )
    .map((tenants) => [...tenants]),
);

const anyPriorities = fc
  .tuple(fc.constantFrom(10, 50, 100, 300), mostly(fc.constantFrom(10, 50, 200), fc.constant(0)))
  .map(([high, normal]) => [
    { name: 'high', patienceMs: high },
    { name: 'normal', patienceMs: normal },
    { name: 'never', patienceMs: null },
  ]);

const anyClassStart: fc.Arbitrary<ClassStart> = fc.record({
  tenant: anyTenant,
  priority: anyPriority,
  requests: anyRequests,
  atMs: anyInstant,
});

/** A grant as it could stand: given before now, for any of the held runs, or for one that is gone. */
const anyGrantTerms = fc.record({
  place: mostly(fc.nat({ max: 5 }), fc.nat({ max: 30 })),
  grantedAtMs: fc.constantFrom(700, 800, 800, 900),
  promisedAtMs: fc.oneof(
    fc.integer({ min: 900, max: 1_100 }),
    fc.constantFrom(NOW_MS, NOW_MS + 1, 1_020, 1_050),
  ),
});

export interface Ranges {
  /** When held runs came; by default all before now. */
  readonly heldSinceMs?: fc.Arbitrary<number>;
  readonly heldMax?: number;
}

export function anySnapshot({ heldSinceMs = anyInstant, heldMax = 12 }: Ranges = {}): fc.Arbitrary<Snapshot> {
  return fc
    .record({
      nowMs: fc.constant(NOW_MS),
      paused: mostly(fc.constant(false), fc.boolean()),
      maxGrants: fc.constantFrom(0, 1, 2, 2, 3, 5),
      pools: anyPools,
      priorities: anyPriorities,
      tenants: anyTenants,
      held: mostly(
        fc.array(aHeld(heldSinceMs), { minLength: 3, maxLength: heldMax, size: 'max' }),
        fc.array(aHeld(heldSinceMs), { maxLength: 2 }),
      ),
      active: fc.array(anyActive, { maxLength: 6, size: 'max' }),
      grants: fc.array(anyGrantTerms, { maxLength: 3 }),
      classStarts: fc.array(anyClassStart, { maxLength: 4 }),
    })
    .map(({ held, active, grants, ...rest }) => ({
      ...rest,
      // 7 and 13 share no factor: ids are in another order than the list.
      held: held.map((run, place) => ({ ...run, id: runId(`h${(place * 7) % 13}-${place}`) })),
      active: active.map((run, place) => ({ ...run, id: runId(`x${place}`) })),
      grants: onePerRun(grants).map(({ place, ...terms }) => ({
        ...terms,
        runId: runId(`h${(place * 7) % 13}-${place}`),
      })),
    }));
}

/**
 * Snapshots with far more distinct requests than the core has bits for (32): nearly every run asks
 * for something else, so the rare requests share a bit.
 */
export function anyManyKinds(): fc.Arbitrary<Snapshot> {
  const requests = fc
    .record({ arm: fc.integer({ min: 1, max: 9 }), ppc: fc.integer({ min: 0, max: 9 }) })
    .map(({ arm, ppc }): Requests => (ppc === 0 ? { runs: 1, arm } : { runs: 1, arm, ppc }));
  const held = aHeld(fc.integer({ min: 900, max: 1_200 })).chain((run) =>
    requests.map((one) => ({ ...run, requests: one, priority: 'high' })),
  );
  return fc
    .record({
      held: fc.array(held, { minLength: 60, maxLength: 70, size: 'max' }),
      active: fc.array(anyActive, { maxLength: 6, size: 'max' }),
      runs: fc.integer({ min: 4, max: 12 }),
      scarce: fc.integer({ min: 9, max: 18 }),
      priorities: anyPriorities,
      tenants: anyTenants,
    })
    .map(({ runs, scarce, ...drawn }) => ({
      ...drawn,
      nowMs: NOW_MS,
      paused: false,
      maxGrants: 2,
      pools: [roomy('ppc', scarce), roomy('runs', runs), roomy('arm', scarce)],
      held: drawn.held.map((run, place) => ({ ...run, id: runId(`h${(place * 7) % 13}-${place}`) })),
      active: drawn.active.map((run, place) => ({ ...run, id: runId(`x${place}`) })),
      grants: [],
      classStarts: [],
    }));
}

/** Snapshots with so many tenants that the core keeps the heads of idle ones in order (it does from 65 on). */
export function anyCrowd(): fc.Arbitrary<Snapshot> {
  return fc
    .record({
      held: fc.array(aHeld(fc.integer({ min: 850, max: 1_200 })), {
        minLength: 90,
        maxLength: 110,
        size: 'max',
      }),
      active: fc.array(anyActive, { maxLength: 8, size: 'max' }),
      activeTenants: fc.array(fc.nat({ max: 79 }), { minLength: 8, maxLength: 8 }),
      runs: fc.integer({ min: 5, max: 16 }),
      scarce: fc.integer({ min: 3, max: 6 }),
      priorities: anyPriorities,
      weights: fc.array(fc.constantFrom(0.5, 1, 2), { minLength: 80, maxLength: 80 }),
      caps: fc.array(anyCaps, { minLength: 80, maxLength: 80 }),
      maxGrants: fc.constantFrom(0, 2, 3),
      grants: fc.array(anyGrantTerms, { maxLength: 2 }),
    })
    .map(({ held, active, activeTenants, runs, scarce, priorities, weights, caps, maxGrants, grants }) => ({
      nowMs: NOW_MS,
      paused: false,
      maxGrants,
      pools: [roomy('ppc', scarce), roomy('runs', runs), roomy('arm', scarce), roomy('s390', scarce)],
      priorities,
      tenants: weights.map((weight, place) => ({
        name: `t${place}`,
        weight,
        caps: caps[place] as Requests,
        paused: place % 17 === 0,
      })),
      held: held.map((run, place) => ({
        ...run,
        tenant: `t${place % 80}`,
        id: runId(`h${(place * 7) % 13}-${place}`),
      })),
      active: active.map((run, place) => ({
        ...run,
        tenant: `t${activeTenants[place]}`,
        id: runId(`x${place}`),
      })),
      grants: onePerRun(grants)
        .map(({ place, ...terms }) => ({ ...terms, place: place % held.length }))
        .filter(({ place }) => (held[place]?.heldSinceMs ?? 0) <= NOW_MS)
        .map(({ place, ...terms }) => ({ ...terms, runId: runId(`h${(place * 7) % 13}-${place}`) })),
      classStarts: [],
    }));
}

function roomy(name: string, size: number): Pool {
  return { name, size, otherUse: 0, paused: false, doubt: null };
}

function onePerRun<T extends { readonly place: number }>(grants: readonly T[]): T[] {
  const seen = new Set<number>();
  return grants.filter(({ place }) => !seen.has(place) && seen.add(place));
}

/** A real shuffle (Fisher and Yates) of every list of the snapshot, by a seed. */
export function shuffled(snapshot: Snapshot, seed: number): Snapshot {
  let state = seed >>> 0;
  const below = (bound: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
  const shuffle = <T>(list: readonly T[]): T[] => {
    const copy = [...list];
    for (let at = copy.length - 1; at > 0; at -= 1) {
      const other = below(at + 1);
      [copy[at], copy[other]] = [copy[other] as T, copy[at] as T];
    }
    return copy;
  };
  const requests = (one: Requests): Requests => Object.fromEntries(shuffle(Object.entries(one)));
  return {
    ...snapshot,
    // The list of priorities is the order of ranks, so it stays.
    pools: shuffle(snapshot.pools),
    tenants: shuffle(snapshot.tenants),
    held: shuffle(snapshot.held).map((run) => ({ ...run, requests: requests(run.requests) })),
    active: shuffle(snapshot.active).map((run) => ({ ...run, requests: requests(run.requests) })),
    grants: shuffle(snapshot.grants),
    classStarts: shuffle(snapshot.classStarts).map((start) => ({
      ...start,
      requests: requests(start.requests),
    })),
  };
}
