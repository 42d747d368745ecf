/**
 * A generated queue to try the back-test on: some teams with pipelines of their own, more
 * work by day than by night and less at the weekend, now and then a burst of many runs at
 * once. Nothing of it was measured.
 */
import { normal } from '../random/normal.ts';
import { below, type Random, randomStream } from '../random/random.ts';

export interface QueuedRun {
  readonly submitS: number;
  readonly durationS: number;
  readonly user: string;
  readonly queue: string;
}

const USERS = 8;
const QUEUES_PER_USER = 3;
const HOUR_S = 3_600;
const BURSTS_PER_DAY = 1.5;
const BURST_RUNS_MAX = 40;

interface Pipeline {
  readonly user: string;
  readonly queue: string;
  readonly centre: number;
  readonly spread: number;
}

/** @param slots that the queue keeps busy by three quarters, and more than that by day */
export function exampleQueue(days: number, slots: number, seed: number): readonly QueuedRun[] {
  const random = randomStream(seed, 'example queue');
  const pipelines = pipelinesOf(random);
  const meanS = pipelines.reduce((sum, one) => sum + meanOf(one), 0) / pipelines.length;
  const perHour = (0.75 * slots * HOUR_S) / meanS;
  const runs: QueuedRun[] = [];
  const add = (submitS: number, { user, queue, centre, spread }: Pipeline): void => {
    const durationS = Math.max(1, Math.round(Math.exp(centre + spread * normal(random))));
    runs.push({ submitS: Math.floor(submitS), durationS, user, queue });
  };
  for (let hour = 0; hour < 24 * days; hour += 1) {
    const rate = 0.75 * perHour * busyness(hour);
    for (let at = gap(random, rate); at < 1; at += gap(random, rate)) {
      add((hour + at) * HOUR_S, pipelines[below(random, pipelines.length)] as Pipeline);
    }
    // A quarter of all runs come in bursts.
    const bursts = (BURSTS_PER_DAY / 24) * busyness(hour);
    if (random.next() < bursts) {
      const burst = pipelines[below(random, pipelines.length)] as Pipeline;
      const count = Math.min(BURST_RUNS_MAX, 1 + Math.round((0.25 * perHour * 24) / BURSTS_PER_DAY / 1.5));
      const startS = (hour + random.next()) * HOUR_S;
      for (let nth = 0; nth < count; nth += 1) add(startS + nth, burst);
    }
  }
  return runs.sort((a, b) => a.submitS - b.submitS);
}

function pipelinesOf(random: Random): readonly Pipeline[] {
  return Array.from({ length: USERS * QUEUES_PER_USER }, (_, place) => ({
    user: `team-${1 + (place % USERS)}`,
    queue: `pipeline-${1 + Math.floor(place / USERS)}`,
    centre: Math.log(600) + 0.8 * normal(random),
    spread: Math.exp(-1 + 0.5 * normal(random)),
  }));
}

function meanOf({ centre, spread }: Pipeline): number {
  return Math.exp(centre + (spread * spread) / 2);
}

/** Hours until the next arrival. */
function gap(random: Random, perHour: number): number {
  return -Math.log(1 - random.next()) / perHour;
}

/** Relative to the mean over a week; hour 0 is Monday at midnight. */
function busyness(hour: number): number {
  const byDay = 1 - Math.cos((2 * Math.PI * ((hour % 24) - 2)) / 24);
  const weekend = Math.floor(hour / 24) % 7 >= 5;
  return (0.35 + 0.65 * byDay) * (weekend ? 0.4 : 1.24);
}
