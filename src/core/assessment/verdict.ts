/**
 * The verdict: what has to hold, how likely it holds, and what follows. A criterion is met
 * when it holds in nine of ten futures. Where it is open and rests on little, the answer is
 * that there is too little evidence, not a guess.
 */
import { bandOf } from '../forecast/timeline.ts';
import type { Quantiles } from '../forecast/types.ts';
import type { Confidence } from './evidence.ts';
import { type Measures, nothingEnds } from './measures.ts';
import type { Criteria } from './question.ts';

export const CHECK_KINDS = ['all-start', 'before-next', 'max-peak', 'finish-by', 'max-timeouts'] as const;
export type CheckKind = (typeof CHECK_KINDS)[number];

export interface Check {
  readonly kind: CheckKind;
  /** Pipelines, an instant, or a share of the launches, by kind. */
  readonly limit: number;
  /** Null: nothing ever ends. */
  readonly value: Quantiles | null;
  /** Share of the futures in which it holds. */
  readonly chance: number;
  readonly result: 'met' | 'not-met' | 'open';
}

export const VERDICTS = ['fits', 'does-not-fit', 'too-little-evidence'] as const;

export interface Verdict {
  readonly answer: (typeof VERDICTS)[number];
  readonly checks: readonly Check[];
}

/** Met above, not met below its counterpart; in between it is open where little is known. */
const SURE = 0.9;

export interface VerdictParts {
  readonly measures: Measures;
  readonly criteria: Criteria;
  readonly opensAtMs: number;
  /** When the next occurrence opens; null when there is none. */
  readonly nextOpensAtMs: number | null;
  readonly confidence: Confidence;
}

export function verdictOf(parts: VerdictParts): Verdict {
  const { measures, criteria, opensAtMs, nextOpensAtMs } = parts;
  const { totals } = measures;
  const check = (kind: CheckKind, limit: number | null, values: Float64Array | null): readonly Check[] => {
    if (limit === null) return [];
    if (values === null) return [{ kind, limit, value: null, chance: 0, result: 'not-met' }];
    return [checkOf(kind, { limit, values, confidence: parts.confidence })];
  };
  const finishes = nothingEnds(measures) ? null : totals.finishMs.map((ms) => opensAtMs + ms);
  const timeouts = totals.overruns.map((count, r) => count / Math.max(1, totals.launches[r] as number));
  const checks = [
    ...check('all-start', 0, totals.neverStarted),
    ...check('before-next', nextOpensAtMs, finishes),
    ...check('max-peak', criteria.maxPeak, totals.peakWanted),
    ...check('finish-by', criteria.finishByMs, finishes),
    ...check('max-timeouts', criteria.maxTimeouts, timeouts),
  ];
  return { answer: answerOf(checks, parts.confidence), checks };
}

function checkOf(
  kind: CheckKind,
  { limit, values, confidence }: { limit: number; values: Float64Array; confidence: Confidence },
): Check {
  const chance = values.reduce((count, value) => count + (value <= limit ? 1 : 0), 0) / values.length;
  const isThin = confidence === 'none' || confidence === 'guess' || confidence === 'low';
  const isOpen = isThin && chance < SURE && chance > 1 - SURE;
  const result = chance >= SURE ? 'met' : isOpen ? 'open' : 'not-met';
  return { kind, limit, value: bandOf(values), chance, result };
}

/** Without any sample or guess no promise is made, whatever the simulation says. */
function answerOf(checks: readonly Check[], confidence: Confidence): Verdict['answer'] {
  if (checks.some(({ result }) => result === 'not-met')) return 'does-not-fit';
  if (confidence === 'none' || checks.some(({ result }) => result === 'open')) return 'too-little-evidence';
  return 'fits';
}
