/**
 * The simulation with everything admission does, beside the C program on its own, far
 * simpler workload: what the price of all the rules is. Durations are drawn anew in each
 * replication, as in a forecast.
 */
import { randomStream } from '../../src/core/random/random.ts';
import { Simulation } from '../../src/core/simulation/simulate.ts';
import { atLeast, type Effort, type Line, type Missing, type Section } from '../harness/line.ts';
import { medians, secondsOf } from '../harness/median.ts';
import { cPeer, peerFolder } from '../peers/peer.ts';
import { type AdmissionShape, admissionQueue, DURATIONS } from '../workloads/admission.ts';
import { fifoWorkload, DURATIONS as PEER_DURATIONS, SLOTS } from '../workloads/fifo.ts';

const SEED = 1;
const RUNS_A_ROUND = 300_000;
const PEER_JOBS = 10_000;
const PEER_REPETITIONS = 100;
const WANTED_OF_C = 0.25;

/** Returns what measures one round, in runs a second. */
function simulated(shape: AdmissionShape, scale: number): () => number {
  const simulation = new Simulation(admissionQueue(shape));
  const random = randomStream(SEED, 'bench');
  const durationsMs = new Float64Array(shape.runs);
  const repetitions = Math.max(1, Math.round((RUNS_A_ROUND * scale) / shape.runs));
  return () => {
    const seconds = secondsOf(() => {
      for (let i = 0; i < repetitions; i += 1) {
        DURATIONS.fill(durationsMs, random);
        simulation.run(durationsMs);
      }
    });
    return (shape.runs * repetitions) / seconds;
  };
}

async function run({ rounds, scale }: Effort): Promise<readonly (Line | Missing)[]> {
  const folder = peerFolder();
  try {
    const c = cPeer(folder, { ...fifoWorkload(PEER_JOBS, SEED), slots: SLOTS });
    const draw = { meanMs: PEER_DURATIONS.meanMs, variation: PEER_DURATIONS.variation, seed: SEED };
    const peerRepetitions = Math.max(1, Math.round(PEER_REPETITIONS * scale));
    const measured = await medians(rounds, {
      ours: simulated({ runs: 10_000, tenants: 50, seed: SEED }, scale),
      c: () => {
        if (c === null) return 0;
        const { jobs, seconds } = c.run(peerRepetitions, draw);
        return jobs / seconds;
      },
      manyTenants: simulated({ runs: 10_000, tenants: 1_000, seed: SEED }, scale),
      manyRuns: simulated({ runs: 100_000, tenants: 50, seed: SEED }, scale),
      both: simulated({ runs: 100_000, tenants: 1_000, seed: SEED }, scale),
    });
    return [
      beside('50 tenants, 10,000 runs', measured.ours),
      ofPeer(measured.ours, measured.c),
      beside('1,000 tenants, 10,000 runs', measured.manyTenants),
      beside('50 tenants, 100,000 runs', measured.manyRuns),
      beside('1,000 tenants, 100,000 runs', measured.both),
    ];
  } finally {
    folder.remove();
  }
}

function beside(what: string, speed: number): Line {
  return { what, value: speed / 1e6, unit: 'M runs/s', against: null, goal: null };
}

function ofPeer(ours: number, peer: number): Line | Missing {
  const what = '50 tenants, 10,000 runs, of the C program';
  if (peer === 0) return { what, missing: 'no C compiler (cc) here' };
  const ratio = ours / peer;
  const against = `C on plain queue ${(peer / 1e6).toFixed(1)} M jobs/s`;
  return { what, value: ratio, unit: 'x', against, goal: atLeast(WANTED_OF_C, ratio) };
}

export const admission: Section = {
  name: 'admission',
  title: 'cap 50, 8 pools, 3 priorities, patience and grants, 1 run in 100 on three pools, all at once',
  run,
};
