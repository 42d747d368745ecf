/** Which pool has room for the fewest of a policy's pipelines. */
import type { AssessmentQuestion } from './question.ts';
import { requestsOf } from './trials.ts';

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
