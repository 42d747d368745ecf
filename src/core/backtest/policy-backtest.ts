/**
 * Back-test of assessments: a policy over many projects behind few slots, assessed from what
 * was known, against what real durations make of it through the same admission. Each project
 * is one moment of a workflow's history: earlier runs are known (or not), the next one is the
 * truth. Beside it GitLab's own estimate, the newest duration times the projects.
 */
import { PolicyDurations } from '../assessment/durations.ts';
import { measured } from '../assessment/measure.ts';
import type { Measures } from '../assessment/measures.ts';
import type { AssessedTarget, AssessmentQuestion, PolicySample } from '../assessment/question.ts';
import { finished } from '../assessment/steps.ts';
import { RunDraws } from '../assessment/trials.ts';
import type { DurationModel } from '../duration/model.ts';
import { RUNS_POOL } from '../model/run.ts';
import type { Policy } from '../policy/model.ts';
import { below, type Random, randomStream } from '../random/random.ts';
import { mean, quantile } from '../stats/quantile.ts';
import { PUBLIC_FIRST, type WorkflowHistory } from './histories.ts';
import { TIMEOUT_MS } from './makespan.ts';
import { medianOf } from './scores.ts';

export interface PolicyBacktestOptions {
  readonly projects: number;
  readonly slots: number;
  readonly policies: number;
  readonly replications: number;
  readonly seed: number;
}

/** What is known: so many earlier runs of each project that was seen, and how many were. */
interface Knowledge {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly projectsSeen: number;
}

const ALL = Number.POSITIVE_INFINITY;
const ROWS: readonly Knowledge[] = [
  { name: '1 run each of 10 projects', from: 1, to: 1, projectsSeen: 10 },
  { name: '1 run each of 100 projects', from: 1, to: 1, projectsSeen: 100 },
  { name: '1 run each of all', from: 1, to: 1, projectsSeen: ALL },
  { name: '2-4 runs each', from: 2, to: 4, projectsSeen: ALL },
  { name: '5-9 runs each', from: 5, to: 9, projectsSeen: ALL },
  { name: '10-19 runs each', from: 10, to: 19, projectsSeen: ALL },
  { name: '20 and more', from: 20, to: 56, projectsSeen: ALL },
];

export interface PolicyScores {
  readonly coverageP90: number;
  readonly coverage80: number;
  /** Median of |P50 / real - 1|, and of P50 / real - 1: above 0, forecasts are too long. */
  readonly medianError: number;
  readonly medianBias: number;
}

export interface PolicyBacktestRow {
  readonly known: string;
  readonly workflows: number;
  readonly policies: number;
  /** Null where no workflow has enough runs. */
  readonly scores: {
    /** Until all is done, from the opening of the window. */
    readonly totalTime: PolicyScores;
    readonly executionTime: PolicyScores;
    /** Of the execution time, by GitLab's formula. */
    readonly gitlabError: number;
  } | null;
}

export function policyBacktest(
  histories: readonly WorkflowHistory[],
  options: PolicyBacktestOptions,
): readonly PolicyBacktestRow[] {
  return ROWS.map((row) => {
    const among = histories.filter(({ runs }) => runs.length > row.from);
    if (among.length === 0) return { known: row.name, workflows: 0, policies: 0, scores: null };
    const tried = Array.from({ length: options.policies }, (_, nth) => tryOne(among, row, { options, nth }));
    return {
      known: row.name,
      workflows: among.length,
      policies: tried.length,
      scores: {
        totalTime: scoresOf(tried.map(({ totalTime }) => totalTime)),
        executionTime: scoresOf(tried.map(({ executionTime }) => executionTime)),
        gitlabError: medianOf(tried.map(({ gitlabError }) => gitlabError)),
      },
    };
  });
}

interface Foretold {
  readonly real: number;
  /** Ascending. */
  readonly drawn: Float64Array;
}

function tryOne(
  among: readonly WorkflowHistory[],
  row: Knowledge,
  { options, nth }: { readonly options: PolicyBacktestOptions; readonly nth: number },
) {
  const random = randomStream(options.seed, `policy\n${row.name}`, nth);
  const projects = Array.from({ length: options.projects }, (_, place) =>
    projectOf(among, row, random, place),
  );
  const question = questionOf(projects, options, nth);
  const ours = replicated(question, new PolicyDurations(question).model, options.replications);
  const truth = new Map(projects.map(({ name, nextMs }) => [name, nextMs]));
  const real = replicated(question, knowing(truth), 1);
  const column = (name: 'finishMs' | 'workMs'): Foretold => ({
    real: real.totals[name][0] as number,
    drawn: ours.totals[name].toSorted(),
  });
  const newest = projects.find(({ known }) => known.length > 0)?.known.at(-1) ?? 0;
  const executionTime = column('workMs');
  return {
    totalTime: column('finishMs'),
    executionTime,
    gitlabError: Math.abs((newest * options.projects) / executionTime.real - 1),
  };
}

interface TriedProject {
  readonly name: string;
  readonly known: readonly number[];
  readonly nextMs: number;
}

/** A moment of a history; with fewer workflows than projects some are taken at several moments. */
function projectOf(
  among: readonly WorkflowHistory[],
  row: Knowledge,
  random: Random,
  place: number,
): TriedProject {
  const { workflow, runs } = among[below(random, among.length)] as WorkflowHistory;
  const latest = Math.min(row.to, runs.length - 1);
  const origin = row.from + below(random, latest - row.from + 1);
  const durations = runs.slice(0, origin + 1).map(({ durationMs }) => Math.min(TIMEOUT_MS, durationMs));
  const known = place < row.projectsSeen ? durations.slice(0, origin) : [];
  return { name: `${workflow} ${place}`, known, nextMs: durations[origin] as number };
}

function replicated(question: AssessmentQuestion, model: DurationModel, replications: number): Measures {
  const draws = new RunDraws(question, model);
  return finished(measured(question, draws, { replications, withLosses: false })).measures;
}

function knowing(truth: ReadonlyMap<string, number>): DurationModel {
  const of = (project: string): number => truth.get(project) as number;
  return {
    error: { drift: 0, shock: 0 },
    estimate: ({ project }) => ({ p50Ms: of(project), p90Ms: of(project) }),
    evidence: () => ({ ownSamples: 1, pooledSamples: truth.size }),
    quantiles: ({ project }, levels) => levels.map(() => of(project)),
    draws: ({ project }) => ({ sampler: () => ({ draw: () => of(project) }) }),
  };
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NOTHING = { projects: [], tenants: [], labels: {} };

/** All at once: the slots decide when it is over, not the window. */
const POLICY: Policy = {
  format: 'penstock',
  name: 'back-test',
  displayName: 'back-test',
  description: '',
  enabled: true,
  content: { kind: 'pipeline-reference', name: 'back-test', params: {} },
  schedule: { recurrence: { kind: 'daily' }, startMinute: 0, timeZone: 'UTC', clockChanges: 'run-once' },
  window: { lengthMs: HOUR_MS, spread: 'even' },
  branches: [],
  snooze: null,
  scope: { kind: 'selectors', include: NOTHING, exclude: NOTHING },
  timeoutMs: TIMEOUT_MS,
  requests: {},
  priority: null,
  catchUp: { mode: 'skip' },
  variables: null,
  metadata: {},
};

function questionOf(
  projects: readonly TriedProject[],
  { slots, replications, seed }: PolicyBacktestOptions,
  nth: number,
): AssessmentQuestion {
  const occurrence = { key: '1970-01-02', day: 1, startsAtMs: 24 * HOUR_MS, clock: 'none' as const };
  const contentHash = 'policy';
  const targets: readonly AssessedTarget[] = projects.map(({ name }) => ({
    project: name,
    branch: null,
    tenant: 'all',
  }));
  const samples = projects.flatMap(({ name, known }) =>
    known.map(
      (durationMs, place): PolicySample => ({
        project: name,
        tenant: 'all',
        contentHash,
        // Histories end together, when the assessment is made; a day apart, so that no run outlasts the next.
        startedAtMs: DAY_MS * (place - known.length),
        durationMs,
        outcome: durationMs >= TIMEOUT_MS ? 'timed-out' : 'succeeded',
        cause: null,
        jobMs: null,
        usage: null,
        profile: null,
      }),
    ),
  );
  const runs = { name: RUNS_POOL, size: slots, otherUse: 0, paused: false, doubt: null };
  return {
    nowMs: 0,
    policy: POLICY,
    contentHash,
    identity: 'back-test',
    occurrence,
    targets,
    outOfScope: [],
    scopeUnknown: [],
    samples,
    guess: null,
    first: PUBLIC_FIRST,
    rules: {
      pools: [runs],
      priorities: [{ name: 'normal', patienceMs: null }],
      tenants: [],
      maxGrants: 0,
    },
    isCapacityKnown: true,
    timeoutMs: TIMEOUT_MS,
    queue: null,
    others: [],
    week: null,
    criteria: { maxPeak: null, finishByMs: null, maxTimeouts: null },
    replications,
    seed: seed + nth,
  };
}

function scoresOf(foretold: readonly Foretold[]): PolicyScores {
  const each = foretold.map(({ real, drawn }) => ({
    belowP90: Number(real <= quantile(drawn, 0.9)),
    within80: Number(real <= quantile(drawn, 0.9) && real >= quantile(drawn, 0.1)),
    bias: quantile(drawn, 0.5) / real - 1,
  }));
  return {
    coverageP90: mean(each.map(({ belowP90 }) => belowP90)),
    coverage80: mean(each.map(({ within80 }) => within80)),
    medianError: medianOf(each.map(({ bias }) => Math.abs(bias))),
    medianBias: medianOf(each.map(({ bias }) => bias)),
  };
}
