/**
 * What a run needs, and what a rule of the configuration may say about it: the words that
 * engines, which know runs, and the configuration, which knows rules, share.
 *
 * Always true: asking a rule never throws and takes bounded time. A rule that cannot be
 * answered for a run says so, and that run alone is held.
 */
import type { Requests } from '../model/run.ts';

export interface Needs {
  /** Includes one unit of `runs`. */
  readonly requests: Requests;
  /** Null when the run does not say: it has the default priority. */
  readonly priority: string | null;
  /** One line each, naming what is malformed and what is allowed. A run with faults must not start. */
  readonly faults: readonly string[];
}

/** What conditions of rules can look at. A param that is a list has its items joined by "," in `params`. */
export interface RunFacts {
  readonly project: string;
  readonly projectLabels: ReadonlyMap<string, string>;
  readonly labels: ReadonlyMap<string, string>;
  readonly annotations: ReadonlyMap<string, string>;
  readonly params: ReadonlyMap<string, string>;
  /** Every param as a list; one that is a single text has one item. */
  readonly lists: ReadonlyMap<string, readonly string[]>;
}

export type RuleAnswer =
  | { readonly kind: 'yes' }
  | { readonly kind: 'no' }
  /** The condition has no answer for this run. */
  | { readonly kind: 'unanswerable'; readonly why: string };

export interface NeedsRule {
  readonly name: string;
  readonly when: (facts: RunFacts) => RuleAnswer;
  /** Set: `requests` are for each unit of each pool this says yes to. Null: once for the run. */
  readonly forEach: ((facts: RunFacts, pool: string) => RuleAnswer) | null;
  readonly requests: Requests;
  readonly priority: string | null;
}

export const YES: RuleAnswer = { kind: 'yes' };
export const NO: RuleAnswer = { kind: 'no' };
