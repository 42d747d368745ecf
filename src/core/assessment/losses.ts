/**
 * What happens without holding: the same launches, durations and pools, each run created at
 * its moment with its timeout counting from then. Other policies and the queue of today are
 * left out of this comparison.
 */
import { Simulation } from '../simulation/simulate.ts';
import { type Losses, WithoutHolding } from '../simulation/without-holding.ts';
import type { AssessmentQuestion } from './question.ts';
import { arrivalsOf, emptySnapshot, idOf, type Trial } from './trials.ts';

export class LossesWithoutHolding {
  readonly #question: AssessmentQuestion;
  readonly #futures = new Map<number, OneFuture>();

  constructor(question: AssessmentQuestion) {
    this.#question = question;
  }

  of(trial: Trial): Losses {
    let future = this.#futures.get(trial.future);
    if (future === undefined) {
      future = futureOf(this.#question, trial.launchMs);
      this.#futures.set(trial.future, future);
    }
    const { withoutHolding, targetOf, durationsMs } = future;
    for (let run = 0; run < targetOf.length; run += 1) {
      durationsMs[run] = trial.uncutMs[targetOf[run] as number] as number;
    }
    return withoutHolding.run(durationsMs);
  }
}

interface OneFuture {
  readonly withoutHolding: WithoutHolding;
  /** By run of its tables. */
  readonly targetOf: Int32Array;
  readonly durationsMs: Float64Array;
}

function futureOf(question: AssessmentQuestion, launchMs: Float64Array): OneFuture {
  const arrivals = arrivalsOf(question, launchMs, () => question.first);
  const { tables } = new Simulation(emptySnapshot(question), { arrivals });
  const placeOf = new Map(question.targets.map((target, place) => [idOf(target), place]));
  return {
    withoutHolding: new WithoutHolding(tables),
    targetOf: Int32Array.from(tables.ids, (id) => placeOf.get(id) as number),
    durationsMs: new Float64Array(tables.ids.length),
  };
}
