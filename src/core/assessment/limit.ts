/** What holds the policy back most, and what room for one pipeline more would bring. */
import { bandOf } from '../forecast/timeline.ts';
import { measured } from './measure.ts';
import type { Measures } from './measures.ts';
import type { AssessmentQuestion } from './question.ts';
import type { Limit } from './report.ts';
import { scarcestPool } from './scarcest-pool.ts';
import type { RunDraws } from './trials.ts';

const REPLICATIONS = 100;

export function* limitOf(
  question: AssessmentQuestion,
  draws: RunDraws,
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
  const { measures: more } = yield* measured(wider, draws, { replications, withLosses: false });
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
