/**
 * What changes, as whoever follows is told: the new state of one thing, whole, so that it can
 * be put in the place of the old one without a question.
 */
import type { Quantiles } from '../../core/forecast/types.ts';
import type { OccurrenceView } from '../policies/occurrence-views.ts';
import type { PolicyView } from '../policies/registered-policy.ts';
import type { TestRunView } from '../test-runs/view.ts';
import type { RunView } from '../views.ts';

/** The sums of a forecast of the queue; the rest of it is asked for. */
export interface ForecastSummary {
  readonly madeAtMs: number;
  readonly runs: number;
  readonly replications: number;
  readonly finishAtMs: Quantiles;
  readonly lastStartAtMs: Quantiles;
  readonly timeouts: Quantiles;
}

export type Change =
  | { readonly kind: 'run'; readonly run: RunView }
  | { readonly kind: 'test-run'; readonly testRun: TestRunView }
  /** It is not there any more, and history does not have it. */
  | {
      readonly kind: 'gone';
      readonly what: 'run' | 'test-run';
      readonly id: string;
      readonly project: string;
    }
  /** Null: there is none of this name any more. */
  | { readonly kind: 'policy'; readonly name: string; readonly policy: PolicyView | null }
  | { readonly kind: 'occurrence'; readonly policy: string; readonly occurrence: OccurrenceView }
  | { readonly kind: 'forecast'; readonly forecast: ForecastSummary };

/** Whose business it is; null: everybody's who may ask at all, as for policies and the sums of forecasts. */
export function projectOf(change: Change): string | null {
  switch (change.kind) {
    case 'run':
      return change.run.project;
    case 'test-run':
      return change.testRun.project;
    case 'gone':
      return change.project;
    case 'policy':
    case 'occurrence':
    case 'forecast':
      return null;
  }
}
