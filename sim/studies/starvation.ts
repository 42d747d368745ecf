/**
 * The starvation study: one run that needs three scarce pools at once, among a stream of
 * small runs that keep each of those pools busy, with durations of two kinds. How long does
 * it wait with grants and without, and what do grants cost the small ones?
 *
 * Printed by `npm run study:starvation`; the figures in docs/adr/0010 come from here.
 */
import { parseArgs } from 'node:util';
import { type Requests, type RunId, runId } from '../../src/core/model/run.ts';
import type { HeldRun, Snapshot } from '../../src/core/model/snapshot.ts';
import { below, type Random, randomStream } from '../../src/core/random/random.ts';
import { simulate } from '../../src/core/simulation/simulate.ts';
import { quantile } from '../../src/core/stats/quantile.ts';

const MINUTE_MS = 60_000;
const SCARCE = ['linux/arm64', 'linux/ppc64le', 'linux/s390x'] as const;
const POOL_SIZE = 4;
const TENANTS = 10;
const STREAM_MS = 24 * 60 * MINUTE_MS;
const WIDE_ARRIVES_MS = 2 * 60 * MINUTE_MS;
const PATIENCE_MS = 30 * MINUTE_MS;
/** Four small runs in five take about 3 minutes, the fifth about 30. */
const SHORT_MS = 3 * MINUTE_MS;
const LONG_MS = 30 * MINUTE_MS;
const LONG_SHARE = 0.2;
/** Work arrives a little faster than the pools can do it, so they never run empty. */
const LOAD = 1.05;
const WIDE: RunId = runId('wide');

export interface Waits {
  /** Of the one wide run. */
  readonly wideMs: number;
  /** The longest and the mean of the small ones. */
  readonly smallLongestMs: number;
  readonly smallMeanMs: number;
}

export function waits(seed: number, maxGrants: number): Waits {
  const runs = arrivals(seed);
  const truth = randomStream(seed, 'truth');
  const durations = new Map(
    runs.map((run) => [run.id, Math.round(drawMs(truth) * (0.8 + 0.4 * truth.next()))]),
  );
  const heldSince = new Map(runs.map((run) => [run.id, run.heldSinceMs]));
  const waited = simulate(emptyQueue(maxGrants), (id) => durations.get(id) as number, { arrivals: runs }).map(
    (run) => ({
      id: run.id,
      ms: run.startMs - (heldSince.get(run.id) as number),
    }),
  );
  const small = waited.filter((run) => run.id !== WIDE).map((run) => run.ms);
  return {
    wideMs: (waited.find((run) => run.id === WIDE) as { readonly ms: number }).ms,
    smallLongestMs: Math.max(...small),
    smallMeanMs: small.reduce((sum, ms) => sum + ms, 0) / small.length,
  };
}

function drawMs(random: Random): number {
  return random.next() < LONG_SHARE ? LONG_MS : SHORT_MS;
}

function arrivals(seed: number): HeldRun[] {
  const random = randomStream(seed, 'arrivals');
  const meanMs = LONG_SHARE * LONG_MS + (1 - LONG_SHARE) * SHORT_MS;
  const gapMs = meanMs / (LOAD * POOL_SIZE * SCARCE.length);
  const runs = [
    heldRun(WIDE, 'wide', WIDE_ARRIVES_MS, { runs: 1, [SCARCE[0]]: 1, [SCARCE[1]]: 1, [SCARCE[2]]: 1 }),
  ];
  let atMs = 1;
  for (let i = 0; atMs < STREAM_MS; i += 1) {
    atMs += Math.max(1, Math.round(-Math.log(1 - random.next()) * gapMs));
    const pool = SCARCE[below(random, SCARCE.length)] as string;
    runs.push(heldRun(runId(`small-${i}`), `tenant-${below(random, TENANTS)}`, atMs, { runs: 1, [pool]: 1 }));
  }
  return runs;
}

/** Estimates know nothing of the two kinds: a typical run is short, one in ten is not. */
function heldRun(id: RunId, tenant: string, heldSinceMs: number, requests: Requests): HeldRun {
  return {
    id,
    project: tenant,
    tenant,
    contentHash: 'any',
    priority: 'normal',
    requests,
    heldSinceMs,
    estimate: { p50Ms: SHORT_MS, p90Ms: LONG_MS },
    timeoutMs: null,
  };
}

function emptyQueue(maxGrants: number): Snapshot {
  const pool = (name: string, size: number) => ({ name, size, otherUse: 0, paused: false, doubt: null });
  return {
    nowMs: 0,
    paused: false,
    maxGrants,
    pools: [pool('runs', 100), ...SCARCE.map((name) => pool(name, POOL_SIZE))],
    priorities: [{ name: 'normal', patienceMs: PATIENCE_MS }],
    tenants: [],
    held: [],
    active: [],
    grants: [],
    classStarts: [],
  };
}

function row(name: string, values: readonly number[]): string {
  const minutes = [...values].sort((a, b) => a - b).map((ms) => ms / MINUTE_MS);
  const cells = [0.5, 0.9, 1].map((level) => quantile(minutes, level).toFixed(0).padStart(9));
  return `${name.padEnd(34)}${cells.join('')}`;
}

function main(): void {
  const { values } = parseArgs({ options: { seeds: { type: 'string', default: '200' } } });
  const seeds = Array.from({ length: Number(values.seeds) }, (_, i) => i + 1);
  const granted = seeds.map((seed) => waits(seed, 4));
  const without = seeds.map((seed) => waits(seed, 0));
  const lines = [
    `One run on ${SCARCE.join(' + ')} among small ones at load ${LOAD}, ${seeds.length} seeds; waits in minutes`,
    `${''.padEnd(34)}${['median', 'P90', 'longest'].map((head) => head.padStart(9)).join('')}`,
    row(
      'wide run, with grants',
      granted.map((one) => one.wideMs),
    ),
    row(
      'wide run, without',
      without.map((one) => one.wideMs),
    ),
    row(
      'longest small one, with grants',
      granted.map((one) => one.smallLongestMs),
    ),
    row(
      'longest small one, without',
      without.map((one) => one.smallLongestMs),
    ),
    row(
      'mean of small ones, with grants',
      granted.map((one) => one.smallMeanMs),
    ),
    row(
      'mean of small ones, without',
      without.map((one) => one.smallMeanMs),
    ),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

if (import.meta.main) main();
