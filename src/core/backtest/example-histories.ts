/**
 * Generated histories to try the back-tests on, as varied as real ones: pipelines of all
 * lengths, steady and wild, some of two lengths that come in spells, some that change for
 * good in between, and now and then a run that stops early. Nothing of them was measured.
 */
import { normal } from '../random/normal.ts';
import { below, type Random, randomStream } from '../random/random.ts';
import type { WorkflowHistory } from './histories.ts';

const RUNS_MAX = 120;

export function exampleHistories(workflows: number, seed: number): readonly WorkflowHistory[] {
  return Array.from({ length: workflows }, (_, place) => {
    const random = randomStream(seed, 'example workflow', place);
    const count = Math.max(2, Math.min(RUNS_MAX, Math.round(Math.exp(2.2 + 1.3 * normal(random)))));
    const workflow = `example-${String(place + 1).padStart(4, '0')}`;
    return { workflow, runs: runsOf(random, count) };
  });
}

function runsOf(random: Random, count: number): WorkflowHistory['runs'] {
  const spread = Math.exp(-2 + 0.9 * normal(random));
  const changesAt = random.next() < 0.3 ? below(random, count) : count;
  const otherLength = random.next() < 0.25 ? 1.5 * normal(random) : 0;
  const failing = 0.04 * random.next();
  let centre = Math.log(180) + 1.5 * normal(random);
  let isOther = false;
  return Array.from({ length: count }, (_, nth) => {
    if (nth === changesAt) centre += 0.5 * normal(random);
    if (random.next() < 0.2) isOther = !isOther;
    const usual = centre + (isOther ? otherLength : 0) + spread * normal(random);
    const seconds = Math.exp(random.next() < failing ? usual - 2 * random.next() : usual);
    return { seq: nth + 1, durationMs: 1_000 * Math.max(1, Math.round(seconds)) };
  });
}
