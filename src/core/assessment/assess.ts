/**
 * The assessment of a policy: what enabling it will do. The launches of one occurrence go
 * through the controller's own admission in many replications; from them come ranges, from
 * the ranges a verdict, and beside them what all of it rests on.
 *
 * Always true: the same question gives the same bytes; it is computed in steps, so that a
 * server answers others in between; and the work is bounded.
 */
import { CodedError } from '../errors/catalogue.ts';
import { bandOf, countBandOf } from '../forecast/timeline.ts';
import type { Quantiles } from '../forecast/types.ts';
import { firstOccurrences } from '../schedule/recurrence.ts';
import { quantile } from '../stats/quantile.ts';
import { launchesByPart, timeBands } from './bands.ts';
import { changed } from './changes.ts';
import { PolicyDurations } from './durations.ts';
import { evidenceOf } from './evidence.ts';
import { limitOf } from './limit.ts';
import { type Measured, measured } from './measure.ts';
import { type Measures, nothingEnds, type Total } from './measures.ts';
import { areMomentsDrawn } from './moments.ts';
import { type AssessmentQuestion, LAUNCHES_MAX } from './question.ts';
import { quietStart } from './quiet-start.ts';
import { RECOMMENDED_FROM, type Recommendation, recommendations } from './recommend.ts';
import type { Assessment } from './report.ts';
import { poolUses, resourcesOf } from './resources.ts';
import { RunDraws } from './trials.ts';
import { verdictOf } from './verdict.ts';
import { warningsOf } from './warnings.ts';
import { type Comparison, comparison, type Scenario, type Side, whatIf } from './what-if.ts';

const TIMELINE_STEPS = 48;
const WINDOW_PARTS = 12;
/** Of all runs of all futures, so many tell how long one takes. */
const RUNS_LOOKED_AT = 20_000;

export interface Beside {
  readonly scenarios?: readonly Scenario[];
  /** The policy as it was. */
  readonly against?: { readonly label: string; readonly question: AssessmentQuestion } | null;
}

/** More would be a study of its own. */
const SCENARIOS_MAX = 20;

/** @throws CodedError where there is nothing to assess, or far too much */
export function* assess(question: AssessmentQuestion, beside: Beside = {}): Generator<void, Assessment> {
  return yield* assessWith(question, beside, recommendations);
}

/** The assessment without its recommendations: they are half of the work, for another thread to do meanwhile. */
export function* assessOnly(question: AssessmentQuestion, beside: Beside): Generator<void, Assessment> {
  return yield* assessWith(question, beside, function* () {
    yield;
    return [];
  });
}

/** The very recommendations of `assess`. */
export function* recommendOnly(question: AssessmentQuestion): Generator<void, readonly Recommendation[]> {
  if (question.criteria.maxPeak === null && question.criteria.finishByMs === null) return [];
  const durations = new PolicyDurations(question);
  const draws = new RunDraws(question, durations.model);
  yield;
  const replications = Math.min(RECOMMENDED_FROM, question.replications);
  const { measures } = yield* measured(question, draws, { replications, withLosses: false });
  const evidence = yield* evidenceOf(question, durations);
  return yield* recommendations(question, draws, { measures, evidence });
}

function* assessWith(
  question: AssessmentQuestion,
  { scenarios = [], against = null }: Beside,
  recommend: typeof recommendations,
): Generator<void, Assessment> {
  refuseNonsense(question, scenarios);
  const durations = new PolicyDurations(question);
  const draws = new RunDraws(question, durations.model);
  yield;
  const { replications } = question;
  const found = yield* measured(question, draws, { replications, withLosses: true });
  const evidence = yield* evidenceOf(question, durations);
  const { measures } = found;
  const { policy, occurrence, criteria } = question;
  const opensAtMs = occurrence.startsAtMs;
  const band = (name: Total): Quantiles => countBandOf(measures.totals[name]);
  const length = (name: Total): Quantiles => rounded(bandOf(measures.totals[name]));
  const instant = (name: Total): Quantiles => shifted(length(name), opensAtMs);
  const horizonMs = Math.max(policy.window.lengthMs, length('finishMs').p90);
  const [next] = firstOccurrences(policy.schedule, opensAtMs + 1, 1);
  return {
    madeAtMs: question.nowMs,
    ...aboutPolicy(question, found),
    launches: {
      byPart: launchesByPart(measures, { opensAtMs, lengthMs: policy.window.lengthMs, steps: WINDOW_PARTS }),
      busiestMinute: band('busiestMinute'),
    },
    atOnce: { wanted: band('peakWanted'), running: band('peakRunning'), waiting: band('peakWaiting') },
    execution: { totalMs: length('workMs'), eachMs: eachMs(measures) },
    finish: nothingEnds(measures)
      ? null
      : {
          allAtMs: instant('finishMs'),
          mostAtMs: instant('mostDoneMs'),
          lastStartAtMs: instant('lastStartMs'),
        },
    wait: {
      waited: band('waited'),
      medianMs: length('waitP50Ms'),
      p90Ms: length('waitP90Ms'),
      longestMs: length('waitMaxMs'),
    },
    neverStarted: band('neverStarted'),
    pools: poolUses(question, measures),
    timeline: timeBands(measures, { opensAtMs, lengthMs: horizonMs, steps: TIMELINE_STEPS }),
    resources: resourcesOf(question, measures),
    timeouts: timeoutsOf(question, found),
    limit: yield* limitOf(question, draws, measures),
    overlaps: question.others.map(({ runs, ...window }) => ({ ...window, launches: runs.length })),
    gitlabEstimate: gitlabEstimate(question),
    evidence,
    warnings: warningsOf(question),
    verdict: verdictOf({
      measures,
      criteria,
      opensAtMs,
      nextOpensAtMs: next?.startsAtMs ?? null,
      confidence: evidence.confidence,
    }),
    recommendations: yield* recommend(question, draws, { measures, evidence }),
    quietStart: quietStart(question, horizonMs),
    whatIf: yield* all(scenarios, (scenario) => whatIf(question, draws, { measures, scenario })),
    against: against === null ? null : yield* comparedWith(against, { question, measures }),
    replications: measures.replications,
    seed: question.seed,
  };
}

function* all<T, R>(
  items: readonly T[],
  each: (item: T) => Generator<void, R>,
): Generator<void, readonly R[]> {
  const found: R[] = [];
  for (const item of items) found.push(yield* each(item));
  return found;
}

/** Differences are what the new one has more than the old one. */
function* comparedWith(
  { label, question: old }: NonNullable<Beside['against']>,
  after: Side,
): Generator<void, Comparison> {
  refuseNonsense(old, []);
  const draws = new RunDraws(old, new PolicyDurations(old).model);
  const { replications } = after.measures;
  const { measures } = yield* measured(old, draws, { replications, withLosses: false });
  return comparison(label, { question: old, measures }, after);
}

/** @throws CodedError as `assess` would, before any work is done */
export function refuseNonsense(question: AssessmentQuestion, scenarios: readonly Scenario[]): void {
  const { targets, occurrence, policy, nowMs } = question;
  if (scenarios.length > SCENARIOS_MAX) {
    const message = `${scenarios.length} what-ifs; ${SCENARIOS_MAX} can be compared at once.`;
    throw new CodedError('assessment-impossible', message, { field: 'whatIf' });
  }
  for (const { changes } of scenarios) changed(question, changes);
  if (targets.length === 0) {
    throw new CodedError('assessment-impossible', 'no project is in scope: there is nothing to assess.', {
      field: 'projects',
    });
  }
  if (targets.length > LAUNCHES_MAX) {
    const message = `that would be ${targets.length} launches; ${LAUNCHES_MAX} can be assessed at once: give fewer projects or branches.`;
    throw new CodedError('assessment-impossible', message, { field: 'projects' });
  }
  if (occurrence.startsAtMs + policy.window.lengthMs <= nowMs) {
    const message = `the window of ${occurrence.key} is over: choose an occurrence to come.`;
    throw new CodedError('assessment-impossible', message, { field: 'occurrence' });
  }
}

function aboutPolicy(
  question: AssessmentQuestion,
  { snoozed, jumpedOver }: Measured,
): Pick<Assessment, 'policy' | 'occurrence' | 'scope'> {
  const { policy, occurrence, targets, contentHash } = question;
  const { name, displayName, format, enabled, schedule, window, branches } = policy;
  return {
    policy: { name, displayName, format, enabled, contentHash, timeZone: schedule.timeZone },
    occurrence: {
      key: occurrence.key,
      day: occurrence.day,
      opensAtMs: occurrence.startsAtMs,
      closesAtMs: occurrence.startsAtMs + window.lengthMs,
      areMomentsKnown: !areMomentsDrawn(question),
    },
    scope: {
      projects: new Set(targets.map(({ project }) => project)).size,
      launches: targets.length - snoozed - jumpedOver,
      snoozed,
      jumpedOver,
      branches,
      out: question.outOfScope,
      unknown: question.scopeUnknown,
    },
  };
}

function timeoutsOf(question: AssessmentQuestion, { measures, lost }: Measured): Assessment['timeouts'] {
  const { timeoutMs, policy } = question;
  const isGitlab = policy.format === 'gitlab';
  return {
    limitMs: timeoutMs,
    withHolding: timeoutMs === null ? null : countBandOf(measures.totals.overruns),
    // GitLab's clock starts with the job, so that waiting itself costs no timeout.
    withoutHolding:
      lost === null || isGitlab
        ? null
        : {
            waiting: countBandOf(lost.waiting),
            running: countBandOf(lost.running),
            wastedSlotMs: rounded(bandOf(lost.slotMs)),
          },
    stuck: isGitlab && question.isCapacityKnown ? countBandOf(measures.totals.stuck) : null,
  };
}

/** After its source: duration of the newest test run times the projects, spread evenly over the window. */
function gitlabEstimate({
  samples,
  guess,
  targets,
  policy,
}: AssessmentQuestion): Assessment['gitlabEstimate'] {
  const ran = samples.filter(({ outcome }) => outcome !== 'cancelled');
  const newest = ran.toSorted((a, b) => b.startedAtMs - a.startedAtMs);
  const durationMs =
    (newest.find(({ cause }) => cause === 'test-run') ?? newest[0])?.durationMs ?? guess?.p50Ms;
  if (durationMs === undefined) return null;
  const projects = new Set(targets.map(({ project }) => project)).size;
  const hours = policy.window.lengthMs / 3_600_000;
  return { totalMs: Math.round(durationMs * projects), launchesPerHour: projects / hours };
}

/** Over all runs of all futures. */
function eachMs({ durationMs }: Measures): Quantiles {
  const step = Math.max(1, Math.floor(durationMs.length / RUNS_LOOKED_AT));
  const some = Float64Array.from(
    { length: Math.floor(durationMs.length / step) },
    (_, place) => durationMs[place * step] as number,
  ).sort();
  const at = (level: number): number => Math.round(quantile(some, level));
  return { p10: at(0.1), p50: at(0.5), p90: at(0.9) };
}

export function rounded({ p10, p50, p90 }: Quantiles): Quantiles {
  return { p10: Math.round(p10), p50: Math.round(p50), p90: Math.round(p90) };
}

function shifted({ p10, p50, p90 }: Quantiles, byMs: number): Quantiles {
  return { p10: p10 + byMs, p50: p50 + byMs, p90: p90 + byMs };
}
