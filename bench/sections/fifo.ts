/**
 * The event simulation on the plainest queue, beside a C program and SimPy doing the same.
 * The goal counts with durations drawn anew in each replication, as a forecast does and as
 * the C program then does too; with durations given, both are compared beside it. A queue of
 * one class is scheduled without an event list; what the event simulation, which every other
 * queue goes through, makes of the same jobs is printed beside it.
 */
import { type Random, randomStream } from '../../src/core/random/random.ts';
import { Simulation } from '../../src/core/simulation/simulate.ts';
import { atLeast, type Effort, type Line, type Missing, type Section } from '../harness/line.ts';
import { medians, secondsOf } from '../harness/median.ts';
import { cPeer, type Peer, peerFolder, simpyPeer } from '../peers/peer.ts';
import { DURATIONS, fifoQueue, fifoWorkload, SLOTS } from '../workloads/fifo.ts';

const JOBS = 10_000;
const REPETITIONS = 100;
const SIMPY_REPETITIONS = 2;
const SEED = 1;
const DRAW = { meanMs: DURATIONS.meanMs, variation: DURATIONS.variation, seed: SEED };

const NO_C = 'no C compiler (cc) here';
const NO_SIMPY = "Debian's python3-simpy is not installed";

/** Jobs a second. */
function speed(jobs: number, seconds: number): number {
  return jobs / seconds;
}

function peerSpeed(peer: Peer, repetitions: number, draw?: typeof DRAW): number {
  const { jobs, seconds } = peer.run(repetitions, draw);
  return speed(jobs, seconds);
}

/** Seconds it took. */
function drawAndRun(simulation: Simulation, random: Random, repetitions: number): number {
  const drawn = new Float64Array(simulation.tables.ids.length).fill(1);
  return secondsOf(() => {
    for (let i = 0; i < repetitions; i += 1) {
      DURATIONS.fill(drawn, random);
      simulation.run(drawn);
    }
  });
}

async function run({ rounds, scale }: Effort): Promise<readonly (Line | Missing)[]> {
  const repetitions = Math.max(1, Math.round(REPETITIONS * scale));
  const workload = fifoWorkload(JOBS, SEED);
  const { snapshot, arrivals } = fifoQueue(workload);
  const simulation = new Simulation(snapshot, { arrivals });
  const byEvents = new Simulation(fifoQueue(workload, { byEvents: true }).snapshot, { arrivals });
  const random = randomStream(SEED, 'bench');
  const folder = peerFolder();
  try {
    const c = cPeer(folder, { ...workload, slots: SLOTS });
    const simpy = simpyPeer(folder, { ...workload, slots: SLOTS });
    const measured = await medians(rounds, {
      drawn: () => speed(JOBS * repetitions, drawAndRun(simulation, random, repetitions)),
      events: () => speed(JOBS * repetitions, drawAndRun(byEvents, random, repetitions)),
      cDrawn: () => (c === null ? 0 : peerSpeed(c, repetitions, DRAW)),
      given: () =>
        speed(
          JOBS * repetitions,
          secondsOf(() => {
            for (let i = 0; i < repetitions; i += 1) simulation.run(workload.durationsMs);
          }),
        ),
      cGiven: () => (c === null ? 0 : peerSpeed(c, repetitions)),
      simpy: () => (simpy === null ? 0 : peerSpeed(simpy, Math.ceil(SIMPY_REPETITIONS * scale))),
    });
    return [
      ...compare('durations drawn', measured.drawn, measured.cDrawn, 0.4),
      ...compare('durations drawn, by events', measured.events, measured.cDrawn, null),
      ...compare('durations given', measured.given, measured.cGiven, null),
      ...compareSimpy(measured.given, measured.simpy),
    ];
  } finally {
    folder.remove();
  }
}

function compare(
  what: string,
  ours: number,
  peer: number,
  wanted: number | null,
): readonly (Line | Missing)[] {
  const own: Line = { what, value: ours / 1e6, unit: 'M jobs/s', against: null, goal: null };
  if (peer === 0) return [own, { what: `${what}, of the C program`, missing: NO_C }];
  const ratio = ours / peer;
  const goal = wanted === null ? null : atLeast(wanted, ratio);
  const against = `C ${(peer / 1e6).toFixed(1)} M jobs/s`;
  return [own, { what: `${what}, of the C program`, value: ratio, unit: 'x', against, goal }];
}

function compareSimpy(ours: number, peer: number): readonly (Line | Missing)[] {
  const what = 'durations given, of SimPy';
  if (peer === 0) return [{ what, missing: NO_SIMPY }];
  const ratio = ours / peer;
  const against = `SimPy ${(peer / 1e6).toFixed(3)} M jobs/s`;
  return [{ what, value: ratio, unit: 'x', against, goal: atLeast(25, ratio) }];
}

export const fifo: Section = {
  name: 'fifo',
  title: `plain first come, first served: ${SLOTS} slots, 95 % load, ${JOBS.toLocaleString('en-US')} jobs`,
  run,
};
