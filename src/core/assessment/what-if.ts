/**
 * What would be different, future by future: the same durations and, as far as it makes sense,
 * the same moments, so that a difference is due to the change and not to luck. Its range is
 * therefore much narrower than that of either side.
 */
import { bandOf } from '../forecast/timeline.ts';
import type { Quantiles } from '../forecast/types.ts';
import { type Change, changed } from './changes.ts';
import { measured } from './measure.ts';
import { type Measures, nothingEnds, type Total } from './measures.ts';
import type { AssessmentQuestion } from './question.ts';
import type { RunDraws } from './trials.ts';

export interface Compared {
  readonly value: Quantiles;
  /** Minus what it is without the change. */
  readonly difference: Quantiles;
}

export interface Comparison {
  /** As it was asked: "window=4h". */
  readonly label: string;
  /** Null where nothing ever ends; no difference where that is so on either side. */
  readonly finishAtMs: { readonly value: Quantiles | null; readonly difference: Quantiles | null };
  readonly peakWanted: Compared;
  readonly peakWaiting: Compared;
  readonly waitP90Ms: Compared;
  readonly totalMs: Compared;
  readonly timeouts: Compared | null;
  readonly neverStarted: Compared;
}

export interface Scenario {
  readonly label: string;
  readonly changes: readonly Change[];
}

export function* whatIf(
  question: AssessmentQuestion,
  draws: RunDraws,
  { measures, scenario }: { readonly measures: Measures; readonly scenario: Scenario },
): Generator<void, Comparison> {
  const other = changed(question, scenario.changes);
  const { replications } = measures;
  const found = yield* measured(other, draws, { replications, withLosses: false });
  return comparison(scenario.label, { question, measures }, { question: other, measures: found.measures });
}

export interface Side {
  readonly question: AssessmentQuestion;
  readonly measures: Measures;
}

/** Of as many replications as both have. */
export function comparison(label: string, before: Side, after: Side): Comparison {
  const count = Math.min(before.measures.replications, after.measures.replications);
  const column = (side: Side, name: Total): Float64Array => side.measures.totals[name].subarray(0, count);
  const compared = (name: Total, from: (side: Side) => number = () => 0): Compared => {
    const value = column(after, name).map((total) => from(after) + total);
    const difference = value.map((total, r) => total - (from(before) + (column(before, name)[r] as number)));
    return { value: exact(bandOf(value)), difference: exact(bandOf(difference)) };
  };
  const ends = compared('finishMs', ({ question }) => question.occurrence.startsAtMs);
  const hasTimeouts = before.question.timeoutMs !== null || after.question.timeoutMs !== null;
  return {
    label,
    finishAtMs: {
      value: nothingEnds(after.measures) ? null : ends.value,
      difference: nothingEnds(after.measures) || nothingEnds(before.measures) ? null : ends.difference,
    },
    peakWanted: compared('peakWanted'),
    peakWaiting: compared('peakWaiting'),
    waitP90Ms: compared('waitP90Ms'),
    totalMs: compared('workMs'),
    timeouts: hasTimeouts ? compared('overruns') : null,
    neverStarted: compared('neverStarted'),
  };
}

function exact({ p10, p50, p90 }: Quantiles): Quantiles {
  return { p10: Math.round(p10), p50: Math.round(p50), p90: Math.round(p90) };
}
