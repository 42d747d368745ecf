/**
 * What an assessment rests on, how sure that makes it, and which samples would make it surer.
 */
import { type ShareInterval, shareInterval } from '../stats/share.ts';
import type { PolicyDurations } from './durations.ts';
import { narrowing } from './more-samples.ts';
import type { AssessedTarget, AssessmentQuestion, PolicySample } from './question.ts';
import { type RangeOfTotal, rangeOfTotal } from './range-parts.ts';

export interface SuccessRate {
  readonly succeeded: number;
  readonly runs: number;
  readonly rate: number;
  /** 95 %. */
  readonly interval: ShareInterval;
}

export interface SamplesAdvice {
  readonly kind: 'other-projects' | 'seen-projects';
  readonly samples: number;
  /** Of the range now, so wide will it be: 0.5 is half. */
  readonly rangeThen: number;
  /** Some of the projects to take. */
  readonly projects: readonly string[];
}

/** How sure it is, from the width of the range of the total; `guess`: nothing was measured. */
export type Confidence = 'none' | 'guess' | 'low' | 'fair' | 'good';

export interface Evidence {
  readonly samples: number;
  readonly testRuns: number;
  readonly launches: number;
  readonly imported: number;
  /** Cancelled ones say nothing of durations. */
  readonly cancelled: number;
  /** Of another version of the content. */
  readonly ofOlderContent: number;
  readonly projectsSeen: number;
  readonly projects: number;
  readonly confidence: Confidence;
  readonly range: RangeOfTotal;
  /** The most useful first; empty where more would not help. */
  readonly advice: readonly SamplesAdvice[];
  readonly success: SuccessRate | null;
}

/** Of ln(total): P90 over P10 is 4, or 2. */
const LOW_ABOVE = Math.log(4) / 2.563;
const GOOD_BELOW = Math.log(1.5) / 2.563;
const NOW = { replications: 120, lookedAt: 120 };
const THEN = { replications: 40, lookedAt: 50 };
const NAMED = 3;

export function* evidenceOf(
  question: AssessmentQuestion,
  durations: PolicyDurations,
): Generator<void, Evidence> {
  const { samples, targets, contentHash } = question;
  const measured = samples.filter(({ outcome }) => outcome !== 'cancelled');
  const range = rangeOfTotal(durations.model, { ...rangeQuestion(question), ...NOW });
  yield;
  const inScope = new Set(targets.map(({ project }) => project));
  const seen = new Set(measured.map(({ project }) => project).filter((project) => inScope.has(project)));
  return {
    samples: measured.length,
    testRuns: measured.filter(({ cause }) => cause === 'test-run').length,
    launches: measured.filter(({ cause }) => cause === 'launch').length,
    imported: measured.filter(({ cause }) => cause === null).length,
    cancelled: samples.length - measured.length,
    ofOlderContent: measured.filter((sample) => sample.contentHash !== contentHash).length,
    projectsSeen: seen.size,
    projects: inScope.size,
    confidence: confidenceOf(question, measured.length, range),
    range,
    advice: yield* adviceOf(question, durations, seen),
    success: successOf(measured),
  };
}

function confidenceOf({ guess }: AssessmentQuestion, samples: number, range: RangeOfTotal): Confidence {
  if (samples === 0) return guess === null ? 'none' : 'guess';
  if (range.logDeviation > LOW_ABOVE) return 'low';
  return range.logDeviation < GOOD_BELOW ? 'good' : 'fair';
}

function successOf(measured: readonly PolicySample[]): SuccessRate | null {
  if (measured.length === 0) return null;
  const succeeded = measured.filter(({ outcome }) => outcome === 'succeeded').length;
  const runs = measured.length;
  return { succeeded, runs, rate: succeeded / runs, interval: shareInterval(succeeded, runs) };
}

/** Asked of the future are a few samples, and some more: as many as somebody would take by hand. */
const PLANS: readonly Pick<SamplesAdvice, 'kind' | 'samples'>[] = [
  { kind: 'other-projects', samples: 3 },
  { kind: 'other-projects', samples: 10 },
  { kind: 'seen-projects', samples: 3 },
];
/** What narrows less is not worth a sentence. */
const WORTH_BELOW = 0.9;

function* adviceOf(
  question: AssessmentQuestion,
  durations: PolicyDurations,
  seen: ReadonlySet<string>,
): Generator<void, readonly SamplesAdvice[]> {
  const smaller = { ...rangeQuestion(question), ...THEN };
  const more = {
    ...smaller,
    before: rangeOfTotal(durations.model, smaller).logDeviation,
    nowMs: question.nowMs,
  };
  const found: SamplesAdvice[] = [];
  for (const { kind, samples } of PLANS) {
    const among = question.targets.filter(({ project }) => seen.has(project) === (kind === 'seen-projects'));
    const targets = spreadOut(among, samples);
    if (targets.length === 0) continue;
    const rangeThen = narrowing(durations, { targets }, more);
    const projects = targets.slice(0, NAMED).map(({ project }) => project);
    found.push({ kind, samples: targets.length, rangeThen, projects });
    yield;
  }
  return found
    .filter(({ rangeThen }) => rangeThen < WORTH_BELOW)
    .toSorted((a, b) => a.rangeThen - b.rangeThen);
}

/** Of different tenants as far as there are, since those differ most; of each project one target. */
function spreadOut(targets: readonly AssessedTarget[], count: number): readonly AssessedTarget[] {
  const byTenant = new Map<string, AssessedTarget[]>();
  const projects = new Set<string>();
  for (const target of targets) {
    if (projects.has(target.project)) continue;
    projects.add(target.project);
    const known = byTenant.get(target.tenant) ?? [];
    byTenant.set(target.tenant, known);
    known.push(target);
  }
  const largestFirst = [...byTenant.values()].toSorted((a, b) => b.length - a.length);
  const chosen: AssessedTarget[] = [];
  for (let round = 0; chosen.length < Math.min(count, projects.size); round += 1) {
    for (const ofTenant of largestFirst) {
      const target = ofTenant[round];
      if (target !== undefined && chosen.length < count) chosen.push(target);
    }
  }
  return chosen;
}

function rangeQuestion({ targets, contentHash, timeoutMs, seed }: AssessmentQuestion) {
  return { targets, contentHash, timeoutMs, seed };
}
