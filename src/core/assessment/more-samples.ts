/**
 * How much narrower the range of the total would get with more samples. Not a rule of thumb:
 * in some worlds that are possible by what is known, the samples are taken, learned, and the
 * range is drawn anew (preposterior analysis; Raiffa and Schlaifer, "Applied Statistical
 * Decision Theory", 1961).
 */
import type { DurationModel, DurationSample } from '../duration/model.ts';
import { randomStream } from '../random/random.ts';
import { type PolicyDurations, seriesOf } from './durations.ts';
import type { AssessedTarget } from './question.ts';
import { type RangeQuestion, rangeOfTotal } from './range-parts.ts';

export interface SamplesPlan {
  /** On which one run each is taken. */
  readonly targets: readonly AssessedTarget[];
}

export interface MoreSamplesQuestion extends RangeQuestion {
  readonly nowMs: number;
  /** Standard deviation of ln(total) as it is now, by the same replications. */
  readonly before: number;
}

const WORLDS = 5;
const HOUR_MS = 3_600_000;

/** Standard deviation of ln(total) after those samples, relative to before: 0.5 halves the range. Mean over the worlds. */
export function narrowing(
  durations: PolicyDurations,
  plan: SamplesPlan,
  question: MoreSamplesQuestion,
): number {
  const { before } = question;
  if (before <= 0) return 1;
  let sum = 0;
  for (let world = 0; world < WORLDS; world += 1) {
    const more = durations.with(samplesIn(world, durations.model, { plan, question }));
    sum += rangeOfTotal(more, question).logDeviation / before;
  }
  return sum / WORLDS;
}

function samplesIn(
  world: number,
  model: DurationModel,
  { plan, question }: { readonly plan: SamplesPlan; readonly question: MoreSamplesQuestion },
): readonly DurationSample[] {
  const { seed, contentHash, timeoutMs, nowMs } = question;
  const content = () => randomStream(seed, 'possible world', world);
  return plan.targets.map((target, place) => {
    const series = seriesOf(target, contentHash);
    const own = randomStream(seed, `possible project ${target.project}`, world);
    const drawn = model
      .draws(series)
      .sampler({ own, content })
      .draw(randomStream(seed, `possible run ${place}`, world), 0);
    const durationMs = Math.max(1, Math.round(Math.min(drawn, timeoutMs ?? Number.POSITIVE_INFINITY)));
    const isOver = timeoutMs !== null && drawn > timeoutMs;
    return {
      ...series,
      startedAtMs: nowMs + place * HOUR_MS,
      durationMs,
      outcome: isOver ? 'timed-out' : 'succeeded',
    };
  });
}
