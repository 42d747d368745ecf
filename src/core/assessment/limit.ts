/** What holds the policy back most, and what room for one pipeline more would bring. */
import type { DurationModel } from '../duration/model.ts';
import { bandOf } from '../forecast/timeline.ts';
import { measured } from './measure.ts';
import type { Measures } from './measures.ts';
import type { AssessmentQuestion } from './question.ts';
import type { Limit } from './report.ts';
import { requestsOf } from './trials.ts';

const REPLICATIONS = 100;

export function* limitOf(
  question: AssessmentQuestion,
  model: DurationModel,
  measures: Measures,
): Generator<void, Limit | null> {
  if (!question.isCapacityKnown) return null;
  const scarcest = scarcestPool(question);
  const waits = measures.totals.waited.some((count) => count > 0);
  const never = measures.totals.neverStarted.some((count) => count > 0);
  if (scarcest === null || !(waits || never)) {
    return { kind: 'nothing', pool: null, slots: null, oneMore: null };
  }
  const { name, slots, units } = scarcest;
  if (slots === 0) return { kind: 'pool', pool: name, slots, oneMore: null };
  const pools = question.rules.pools.map((pool) =>
    pool.name === name ? { ...pool, size: pool.size + units } : pool,
  );
  const wider = { ...question, rules: { ...question.rules, pools } };
  const replications = Math.min(REPLICATIONS, measures.replications);
  const { measures: more } = yield* measured(wider, model, { replications, withLosses: false });
  const less = (total: 'finishMs' | 'waitP90Ms') =>
    bandOf(
      more.totals[total].map((value, replication) => (measures.totals[total][replication] as number) - value),
    );
  return {
    kind: 'pool',
    pool: name,
    slots,
    oneMore: { soonerMs: less('finishMs'), lessWaitMs: less('waitP90Ms') },
  };
}

/** The pool that has room for the fewest of them. */
export function scarcestPool(
  question: AssessmentQuestion,
): { readonly name: string; readonly slots: number; readonly units: number } | null {
  const found = Object.entries(requestsOf(question)).flatMap(([name, units]) => {
    const pool = question.rules.pools.find((one) => one.name === name);
    if (pool === undefined) return [];
    return [{ name, units, slots: Math.max(0, Math.floor((pool.size - pool.otherUse) / units)) }];
  });
  return found.toSorted((a, b) => a.slots - b.slots)[0] ?? null;
}
