/**
 * The forecast of a queue as `GET /v1/forecast` makes it: drawn durations, admission, the
 * counterfactual and all quantiles, on two worker threads; and for how long at most the
 * thread that admits is kept from its work meanwhile.
 *
 * Beside it, on one thread, the simulation within it, with all of admission, of that queue again
 * and again; and a C program and SimPy on as many jobs of a plain queue: they admit nobody, and
 * give a slot to whoever comes first. Durations are log-normal with both, SimPy's given.
 */
import { systemClock } from '../../src/adapters/system-clock/system-clock.ts';
import { workerThreads } from '../../src/adapters/worker-threads/worker-threads.ts';
import { computeForecast } from '../../src/app/forecasting/queue-forecast.ts';
import { LearnedDurations } from '../../src/core/duration/learned-durations.ts';
import type { ForecastInput } from '../../src/core/forecast/forecast.ts';
import { runId } from '../../src/core/model/run.ts';
import type { HeldRun, Pool } from '../../src/core/model/snapshot.ts';
import { randomStream } from '../../src/core/random/random.ts';
import { Simulation } from '../../src/core/simulation/simulate.ts';
import type { Workers } from '../../src/ports/workers.ts';
import { atLeast, atMost, type Effort, type Line, type Missing, type Section } from '../harness/line.ts';
import { medians, secondsOf } from '../harness/median.ts';
import { cPeer, type PeerRun, peerFolder, simpyPeer } from '../peers/peer.ts';
import { FIRST, history } from '../workloads/durations.ts';
import { DURATIONS, fifoWorkload, SLOTS } from '../workloads/fifo.ts';

const SIZES = [
  { runs: 300, replications: 1_000, goalS: 0.1 },
  { runs: 10_000, replications: 1_000, goalS: 2 },
  { runs: 100_000, replications: 100, goalS: 4 },
] as const;
const SERIES = 100;
const SAMPLES_EACH = 10;
const TENANTS = 20;
const PLATFORMS = 5;
const BLOCKED_MS = 10;
const SEED = 1;
const PEER_JOBS = 10_000;
const PEER_REPETITIONS = 100;
const OF_C = 0.25;
const OF_SIMPY = 25;
const MINUTE_MS = 60_000;

async function run({ rounds, scale }: Effort): Promise<readonly (Line | Missing)[]> {
  const workers = workerThreads(2);
  try {
    const lines: Line[] = [];
    for (const { runs, replications, goalS } of SIZES) {
      const input = queueOf(
        Math.max(10, Math.round(runs * scale)),
        Math.max(1, Math.round(replications * scale)),
      );
      let [blockedMs, longestBusyMs] = [0, 0];
      const found = await medians(rounds, {
        forecast: async () => {
          const blocked = longestBlock();
          const seconds = await elapsed(input, workers);
          const { wallMs, busyMs } = blocked();
          blockedMs = Math.max(blockedMs, wallMs);
          longestBusyMs = Math.max(longestBusyMs, busyMs);
          return seconds;
        },
      });
      const what = `${runs} runs x ${replications} replications`;
      lines.push({
        what,
        value: found.forecast,
        unit: 's',
        against: null,
        goal: atMost(goalS, found.forecast),
      });
      lines.push({
        what: '  longest time the admitting thread was blocked',
        value: blockedMs,
        unit: 'ms',
        against: null,
        goal: atMost(BLOCKED_MS, blockedMs),
      });
      lines.push({
        what: '  longest it was busy with it, without waiting for a processor',
        value: longestBusyMs,
        unit: 'ms',
        against: null,
        goal: null,
      });
    }
    return [...lines, ...(await besidePeers({ rounds, scale }))];
  } finally {
    await workers.close();
  }
}

/** In runs or jobs a second. */
async function besidePeers({ rounds, scale }: Effort): Promise<readonly (Line | Missing)[]> {
  const folder = peerFolder();
  try {
    const queue = { ...fifoWorkload(PEER_JOBS, SEED), slots: SLOTS };
    const c = cPeer(folder, queue);
    const simpy = simpyPeer(folder, queue);
    const repetitions = Math.max(1, Math.round(PEER_REPETITIONS * scale));
    const draw = { meanMs: DURATIONS.meanMs, variation: DURATIONS.variation, seed: SEED };
    const speedOf = ({ jobs, seconds }: PeerRun): number => jobs / seconds;
    const found = await medians(rounds, {
      ours: simulated(queueOf(PEER_JOBS, 1), repetitions),
      c: () => (c === null ? 0 : speedOf(c.run(repetitions, draw))),
      simpy: () => (simpy === null ? 0 : speedOf(simpy.run(1))),
    });
    const what = `simulation of ${PEER_JOBS.toLocaleString('en-US')} of these runs`;
    const own: Line = { what, value: found.ours / 1e6, unit: 'M runs/s', against: null, goal: null };
    return [
      own,
      ratioTo({ name: 'the C program', ours: found.ours, peer: found.c, wanted: OF_C }),
      ratioTo({ name: 'SimPy', ours: found.ours, peer: found.simpy, wanted: OF_SIMPY }),
    ];
  } finally {
    folder.remove();
  }
}

interface Ratio {
  readonly name: string;
  readonly ours: number;
  readonly peer: number;
  readonly wanted: number;
}

function ratioTo({ name, ours, peer, wanted }: Ratio): Line | Missing {
  const what = `  of ${name}`;
  if (peer === 0) return { what, missing: `${name} cannot be run here` };
  const against = `${name} on a plain queue ${(peer / 1e6).toPrecision(2)} M jobs/s`;
  return { what, value: ours / peer, unit: 'x', against, goal: atLeast(wanted, ours / peer) };
}

/** Returns what measures one round. Durations are drawn as the peers draw theirs. */
function simulated({ snapshot }: ForecastInput, repetitions: number): () => number {
  const simulation = new Simulation(snapshot);
  const random = randomStream(SEED, 'bench');
  const durationsMs = new Float64Array(snapshot.held.length);
  return () => {
    const seconds = secondsOf(() => {
      for (let nth = 0; nth < repetitions; nth += 1) {
        DURATIONS.fill(durationsMs, random);
        simulation.run(durationsMs);
      }
    });
    return (durationsMs.length * repetitions) / seconds;
  };
}

async function elapsed(input: ForecastInput, workers: Workers): Promise<number> {
  const began = performance.now();
  await computeForecast(input, { workers, clock: systemClock() });
  return (performance.now() - began) / 1_000;
}

interface Blocked {
  wallMs: number;
  /** What the thread itself did in one turn: the rest it waited for a processor. */
  busyMs: number;
}

/** Watches this thread; the answer ends the watch, with the longest time between two turns. */
function longestBlock(): () => Blocked {
  const worst: Blocked = { wallMs: 0, busyMs: 0 };
  let last = performance.now();
  let busy = busyMs();
  let next = setImmediate(function turn() {
    const [now, busyNow] = [performance.now(), busyMs()];
    worst.wallMs = Math.max(worst.wallMs, now - last);
    worst.busyMs = Math.max(worst.busyMs, busyNow - busy);
    [last, busy] = [now, busyNow];
    next = setImmediate(turn);
  });
  return () => {
    clearImmediate(next);
    return worst;
  };
}

function busyMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

/** One pool of all runs and one of each platform, some tenants, pipelines with ten samples each. */
function queueOf(runs: number, replications: number): ForecastInput {
  const learned = new LearnedDurations({ first: FIRST });
  const samples = history(SERIES * SAMPLES_EACH, SERIES);
  for (const sample of samples) learned.record(sample);
  const model = learned.model();
  const pool = (name: string, size: number): Pool => ({
    name,
    size,
    otherUse: 0,
    paused: false,
    doubt: null,
  });
  const platforms = Array.from({ length: PLATFORMS }, (_, nth) => `platform-${nth}`);
  const held = Array.from({ length: runs }, (_, nth): HeldRun => {
    const { project, contentHash } = samples[nth % SERIES] as (typeof samples)[number];
    const series = { project, contentHash, tenant: `tenant-${nth % TENANTS}` };
    return {
      ...series,
      id: runId(`run-${nth}`),
      priority: 'normal',
      requests: { runs: 1, [platforms[nth % PLATFORMS] as string]: 1 },
      heldSinceMs: nth,
      estimate: model.estimate(series),
      timeoutMs: 60 * MINUTE_MS,
    };
  });
  return {
    snapshot: {
      nowMs: runs,
      paused: false,
      maxGrants: 4,
      pools: [pool('runs', 20), ...platforms.map((name) => pool(name, 8))],
      priorities: [{ name: 'normal', patienceMs: null }],
      tenants: [],
      held,
      active: [],
      grants: [],
      classStarts: [],
    },
    model,
    replications,
    seed: 1,
  };
}

export const forecast: Section = {
  name: 'forecast',
  title: 'the forecast of a queue, on two worker threads',
  run,
};
