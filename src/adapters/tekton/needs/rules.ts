/**
 * What the configuration's rules add to a run. Requests of several rules for one pool add up,
 * as tekton-kueue's do; the first rule in order that names a priority gives it.
 */
import { RUNS_POOL } from '../../../core/model/run.ts';
import type { NeedsRule, RuleAnswer, RunFacts } from '../../../core/needs/rule.ts';
import { UNITS_MAX } from './annotated-requests.ts';
import type { PoolNames } from './pool-names.ts';

export interface RulesInput {
  readonly rules: readonly NeedsRule[];
  readonly facts: RunFacts;
  /** What the run itself declares: the pools that `forEach` goes through. */
  readonly declared: ReadonlyMap<string, number>;
  readonly names: PoolNames;
  readonly faults: string[];
}

export interface Added {
  readonly units: ReadonlyMap<string, number>;
  readonly priority: string | null;
}

export function applyRules(input: RulesInput): Added {
  const { names, faults } = input;
  const units = new Map<string, number>();
  let priority: string | null = null;
  for (const rule of input.rules) {
    const times = timesOf(rule, input);
    if (times === 0) continue;
    priority ??= rule.priority;
    for (const [written, count] of Object.entries(rule.requests)) {
      if (names.isUnlimited(written)) continue;
      const pool = names.match(written);
      const sum = (units.get(pool) ?? 0) + count * times;
      if (sum > UNITS_MAX)
        faults.push(`rule "${rule.name}" asks for ${sum} of ${pool}; ${UNITS_MAX} is the most`);
      units.set(pool, Math.min(sum, UNITS_MAX));
    }
  }
  return { units, priority };
}

/** How often the rule's requests count: 0 when it is not about this run. */
function timesOf(rule: NeedsRule, { facts, declared, faults }: RulesInput): number {
  const says = (answer: RuleAnswer): boolean => {
    if (answer.kind === 'unanswerable') {
      faults.push(`rule "${rule.name}" of the configuration cannot be answered for this run: ${answer.why}`);
    }
    return answer.kind === 'yes';
  };
  if (!says(rule.when(facts))) return 0;
  const { forEach } = rule;
  if (forEach === null) return 1;
  let times = 0;
  for (const [pool, count] of declared) {
    if (pool !== RUNS_POOL && says(forEach(facts, pool))) times += count;
  }
  return times;
}
