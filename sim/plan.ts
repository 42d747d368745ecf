/**
 * What a seed stands for: the pools, the tenants, the load, and which faults there are.
 *
 * Each kind of fault is on or off by itself, so that some worlds are quiet enough for the
 * strictest checks and others have everything at once. Ranges overlap on purpose: answers
 * take up to a deadline and more, outages last from less than a write to longer than a
 * deadline, and restarts happen within and after both.
 */
import type { AdmissionSettings } from '../src/app/settings.ts';
import { RUNS_POOL } from '../src/core/model/run.ts';
import { type Random, randomStream } from '../src/core/random/random.ts';
import type { PoolCapacity } from '../src/ports/capacity.ts';
import { between, chance, pick, scaled } from './draws.ts';

const FAULTS = [
  'crashes',
  'orderlyRestarts',
  'lostAnswers',
  'refusals',
  'lags',
  'outages',
  'foreignRuns',
  'handStarts',
  'cancels',
  'deletions',
  'sizeChanges',
  'capacityDoubts',
  'storeFaults',
  'clockJumps',
] as const;
/** What operators do; drawn from a stream of their own, so that the worlds of earlier seeds stay what they were. */
const ORDERS = ['pauses', 'fronts', 'maxAge'] as const;
export type Fault = (typeof FAULTS)[number] | (typeof ORDERS)[number];

export interface Plan {
  readonly seed: number;
  readonly hours: number;
  readonly faults: ReadonlySet<Fault>;
  readonly pools: readonly PoolCapacity[];
  readonly settings: AdmissionSettings;
  readonly tenants: readonly string[];
  /** Upper end of how long a write or an answer usually takes. */
  readonly slownessMs: number;
  readonly lagMaxMs: number;
  readonly medianDurationMs: number;
  /** Of the capacity that the arriving work would need. */
  readonly load: number;
  readonly estimates: 'measured' | 'frozen';
}

const FAULT_CHANCE = 0.65;
const ORDER_CHANCE = 0.5;
const MINUTE_MS = 60_000;

export function planOf(seed: number, hours: number): Plan {
  const random = randomStream(seed, 'plan');
  const orders = randomStream(seed, 'orders');
  const faults = new Set<Fault>([
    ...FAULTS.filter(() => chance(random, FAULT_CHANCE)),
    ...ORDERS.filter(() => chance(orders, ORDER_CHANCE)),
  ]);
  const maxHeldMs = faults.has('maxAge') ? scaled(orders, 30 * MINUTE_MS, 720 * MINUTE_MS) : null;
  const tenants = ['ann', 'bob', 'cyd', 'dee'].slice(0, between(random, 1, 4));
  const pools = planPools(random);
  return {
    seed,
    hours,
    faults,
    pools,
    tenants,
    settings: { ...planSettings(random, tenants), maxHeldMs },
    slownessMs: scaled(random, 200, 20_000),
    lagMaxMs: scaled(random, 500, 60_000),
    medianDurationMs: scaled(random, 4 * MINUTE_MS, 30 * MINUTE_MS),
    load: 0.4 + 0.7 * random.next(),
    estimates: chance(random, 0.35) ? 'measured' : 'frozen',
  };
}

function planPools(random: Random): readonly PoolCapacity[] {
  const scarce = ['linux/arm64', 'linux/s390x', 'aws-ip'].slice(0, between(random, 0, 3));
  return [
    { name: RUNS_POOL, size: between(random, 2, 8), otherUse: 0, doubt: null },
    ...scarce.map((name) => ({ name, size: between(random, 1, 4), otherUse: 0, doubt: null })),
  ];
}

function planSettings(random: Random, tenants: readonly string[]): AdmissionSettings {
  const startDeadlineMs = scaled(random, 2_000, 30_000);
  return {
    mode: 'enforce',
    shadowAdopts: 'all',
    paused: false,
    pausedPools: [],
    priorities: [
      { name: 'urgent', patienceMs: pick(random, [null, 10 * MINUTE_MS]) },
      { name: 'normal', patienceMs: 20 * MINUTE_MS },
      { name: 'idle', patienceMs: pick(random, [90 * MINUTE_MS, 240 * MINUTE_MS]) },
    ],
    tenants: tenants.map((name) => ({
      name,
      weight: between(random, 1, 3),
      caps: chance(random, 0.2) ? { [RUNS_POOL]: between(random, 1, 4) } : {},
      paused: false,
    })),
    maxGrants: between(random, 0, 3),
    startDeadlineMs,
    relistMs: scaled(random, 60_000, 1_800_000),
    retryMinMs: scaled(random, 200, 5_000),
    retryMaxMs: 60_000,
    startConcurrency: between(random, 1, 8),
    maxHeld: 10_000,
    maxHeldMs: null,
    firstEstimate: { p50Ms: 10 * MINUTE_MS, p90Ms: 40 * MINUTE_MS },
  };
}
