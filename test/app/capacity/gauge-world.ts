/**
 * A cluster, a late gauge and a controller that trusts no more than it may: second by second,
 * from a seed. The controller is the arithmetic of admission alone: start while what is listed,
 * what others use and one more fit the cap.
 */
import { ListedHistory } from '../../../src/app/capacity/listed-history.ts';
import { MeteredCapacity } from '../../../src/app/capacity/metered-capacity.ts';
import type { CrossCheck } from '../../../src/app/capacity/other-use.ts';
import { type Random, randomStream } from '../../../src/core/random/random.ts';
import type { MeteredUse } from '../../../src/ports/capacity.ts';

export interface Truth {
  readonly started: number;
  readonly held: number;
  readonly others: number;
}

export interface GaugeWorldSpec {
  readonly seed: number;
  readonly cap: number;
  readonly held: number;
  /** New held runs in a second. */
  readonly arrivals?: (second: number) => number;
  /** Units others use in a second; Penstock cannot list them unless `listsAll`. */
  readonly others?: (second: number) => number;
  readonly gauge: (truth: Truth, second: number) => number;
  /** The least and most seconds from one scrape to the next. */
  readonly scrapeSeconds: readonly [number, number];
  readonly durationSeconds: readonly [number, number];
  readonly countsPending?: MeteredUse['countsPending'];
  readonly listsAll: boolean;
  /** By how much, so the configuration says, a number may be older than its scrape. */
  readonly lateSeconds?: number;
  readonly seconds: number;
}

export interface GaugeWorldResult {
  readonly peak: number;
  /** Each second in which Penstock started something, and the units in use after, others included. */
  readonly startPeaks: readonly (readonly [number, number])[];
  readonly ended: number;
  readonly left: number;
  readonly doubts: ReadonlySet<string>;
  readonly lastStartSecond: number;
  readonly checks: readonly CrossCheck[];
}

const START_MS = 1_700_000_000_000;
const POOL = 'runs';
/** Until a start shows on a watch, and in the gauge. */
const SETTLE_SECONDS = 1;

interface Started {
  readonly atSecond: number;
  readonly endsSecond: number;
}

export async function playGauge(spec: GaugeWorldSpec): Promise<GaugeWorldResult> {
  const random = randomStream(spec.seed, 'gauge-world');
  const history = new ListedHistory();
  let use: MeteredUse | null = null;
  const capacity = new MeteredCapacity({
    sizes: { read: async () => [{ name: POOL, size: spec.cap, otherUse: 0, doubt: null }] },
    meter: { read: () => (use === null ? [] : [use]), onChange: () => () => undefined },
    history,
    listsAll: () => spec.listsAll,
  });
  let running: readonly Started[] = [];
  const tally = { peak: 0, ended: 0, lastStartSecond: 0, held: spec.held };
  const doubts = new Set<string>();
  const checks: CrossCheck[] = [];
  const startPeaks: [number, number][] = [];
  let nextScrape = 0;
  for (let second = 0; second < spec.seconds; second += 1) {
    const nowMs = START_MS + second * 1_000;
    const others = spec.others?.(second) ?? 0;
    tally.held += spec.arrivals?.(second) ?? 0;
    const still = running.filter(({ endsSecond }) => endsSecond > second);
    tally.ended += running.length - still.length;
    running = still;
    const settled = running.filter(({ atSecond }) => atSecond + SETTLE_SECONDS < second).length;
    const listedOthers = spec.listsAll ? others : 0;
    const listed = {
      least: settled + listedOthers,
      most: running.length + listedOthers,
      held: tally.held,
    };
    history.record(nowMs, new Map([[POOL, listed]]));
    if (second >= nextScrape) {
      use = scrape(spec, { started: running.length, held: tally.held, others }, second);
      nextScrape = second + Math.round(between(random, spec.scrapeSeconds));
    }
    if (use === null) continue;
    const [pool] = await capacity.read(AbortSignal.timeout(60_000));
    checks.push(...capacity.crossChecks().values());
    tally.peak = Math.max(tally.peak, running.length + others);
    if (pool === undefined || pool.doubt !== null) {
      if (pool?.doubt) doubts.add(pool.doubt);
      continue;
    }
    const free = spec.cap - listed.most - pool.otherUse;
    const starts = Math.max(0, Math.min(free, tally.held));
    if (starts === 0) continue;
    tally.held -= starts;
    tally.lastStartSecond = second;
    const begun = Array.from({ length: starts }, () => ({
      atSecond: second,
      endsSecond: second + Math.max(1, Math.round(between(random, spec.durationSeconds))),
    }));
    running = [...running, ...begun];
    startPeaks.push([second, running.length + others]);
    tally.peak = Math.max(tally.peak, running.length + others);
  }
  return { ...tally, left: tally.held, doubts, checks, startPeaks };
}

function scrape(spec: GaugeWorldSpec, truth: Truth, second: number): MeteredUse {
  const atMs = START_MS + second * 1_000;
  const shown = spec.gauge(truth, second);
  const sound = shown >= 0;
  return {
    pool: POOL,
    units: sound ? shown : 0,
    trueFromMs: atMs - (spec.lateSeconds ?? 0) * 1_000,
    trueToMs: atMs,
    countsPending: spec.countsPending ?? 'auto',
    signal: 'the gauge',
    doubt: sound ? null : `the gauge shows ${shown}`,
  };
}

function between(random: Random, [least, most]: readonly [number, number]): number {
  return least + random.next() * (most - least);
}
