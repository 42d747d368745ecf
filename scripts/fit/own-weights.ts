/**
 * Learns from histories how much to believe each expert on a series' own past: the weights of
 * the first day, for those who have no history yet. Begins knowing nothing, and walks through
 * the histories again and again, each time with what it learned before.
 */

import {
  PUBLIC_FIRST,
  SCORED_PER_WORKFLOW,
  seriesOf,
  type WorkflowHistory,
} from '../../src/core/backtest/histories.ts';
import { cellsOf, type ExperienceState } from '../../src/core/duration/experience.ts';
import {
  BUCKET_FROM,
  CENTRE_KINDS,
  EVERYTHING,
  OWN_EXPERTS,
  SPREAD_COUNT,
} from '../../src/core/duration/experts.ts';
import type { OwnWeights } from '../../src/core/duration/first-day.ts';
import { LearnedDurations } from '../../src/core/duration/learned-durations.ts';

/** More would believe a few series too much: the weights sharpen with each round. */
const ROUNDS = 3;
const SECOND_MS = 1_000;
const SUCCEEDED = 0;

const IGNORANT: OwnWeights = {
  centre: 0.4,
  everything: 0.1,
  spreads: Array.from({ length: SPREAD_COUNT }, () => 1 / SPREAD_COUNT),
};

/** @returns by the samples a series has: 1, 2, 3-4, 5-9, 10-19, 20 and more */
export function fitOwnWeights(histories: readonly WorkflowHistory[]): readonly OwnWeights[] {
  let weights: readonly OwnWeights[] = BUCKET_FROM.slice(1).map(() => IGNORANT);
  for (let round = 0; round < ROUNDS; round += 1) weights = learnOnce(histories, weights);
  return weights;
}

function learnOnce(
  histories: readonly WorkflowHistory[],
  ownWeights: readonly OwnWeights[],
): readonly OwnWeights[] {
  const learned = new LearnedDurations({ first: PUBLIC_FIRST, ownWeights });
  for (let nth = 0; nth < SCORED_PER_WORKFLOW; nth += 1) {
    for (const { workflow, runs } of histories) {
      const run = runs[nth];
      if (run === undefined) continue;
      const { durationMs } = run;
      learned.record({
        ...seriesOf(workflow),
        startedAtMs: nth * SECOND_MS,
        durationMs,
        outcome: 'succeeded',
      });
    }
  }
  const { experience } = learned.state();
  return BUCKET_FROM.slice(1).map((samples) => explainedIn(experience, samples));
}

/** What each expert explained of the runs forecast with so many samples, of whatever length. */
function explainedIn(experience: ExperienceState, samples: number): OwnWeights {
  const spreads = Array.from({ length: SPREAD_COUNT }, () => 0);
  let centre = 0;
  let own = 0;
  let everything = 0;
  for (const cell of cellsOf(SUCCEEDED, samples)) {
    const { explained } = experience.cells[cell] as ExperienceState['cells'][number];
    everything += explained[EVERYTHING] as number;
    for (let expert = 0; expert < OWN_EXPERTS; expert += 1) {
      const share = explained[expert] as number;
      own += share;
      if (expert < CENTRE_KINDS * SPREAD_COUNT) centre += share;
      spreads[expert % SPREAD_COUNT] = (spreads[expert % SPREAD_COUNT] as number) + share;
    }
  }
  return {
    centre: centre / own,
    everything: everything / (own + everything),
    spreads: spreads.map((share) => share / own),
  };
}
