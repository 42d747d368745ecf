/**
 * Gathers what `penstock assess` is asked, from files alone: the policy, the projects, the
 * history, the sizes of pools. No server is needed.
 */

import { firstSuchTimeMs } from '../../core/assessment/finish-by.ts';
import { occurrenceToAssess } from '../../core/assessment/occurrence.ts';
import { type OtherPolicy, otherLaunches, plannedByOthers } from '../../core/assessment/others.ts';
import {
  type AdmissionRules,
  type AssessmentQuestion,
  LAUNCHES_MAX,
  type PolicySample,
} from '../../core/assessment/question.ts';
import {
  type AssessedScope,
  scopeOfOther,
  scopeToAssess,
  targetsToAssess,
  tenantIn,
  withBranches,
} from '../../core/assessment/scope.ts';
import { weekLoad } from '../../core/assessment/week-load.ts';
import { PUBLIC_FIRST } from '../../core/backtest/histories.ts';
import { CodedError } from '../../core/errors/catalogue.ts';
import { type Estimate, RUNS_POOL } from '../../core/model/run.ts';
import { isActive, type Policy } from '../../core/policy/model.ts';
import { withNamedProjects } from '../../documents/history/named-projects.ts';
import { policySamples } from '../../documents/history/policy-samples.ts';
import { readHistoryOf } from '../../documents/history/read-history.ts';
import type { History, HistorySample } from '../../documents/history/sample.ts';
import type { HashedPolicy, PolicyFile } from '../../documents/policy/policy-file.ts';
import { openPolicyFile } from '../policy-file.ts';
import { candidatesOf, refuseErrors, unknownPolicy } from '../policy-preview.ts';
import type { AssessOptions } from './options.ts';

export interface ReadHistoryFile extends Omit<History, 'samples'> {
  readonly file: string;
  readonly samples: number;
}

export interface Gathered {
  readonly file: string;
  readonly question: AssessmentQuestion;
  readonly histories: readonly ReadHistoryFile[];
  /** The projects' names are made up. */
  readonly areProjectsAssumed: boolean;
  /** The guess of the P90 was not given but taken as this many times the typical duration. */
  readonly guessFactor: number | null;
}

/** Nobody who guesses "7 minutes" means that none takes twenty. */
const GUESS_FACTOR = 3;

/** @throws CodedError */
export async function gather(file: string, options: AssessOptions): Promise<Gathered> {
  const nowMs = options.from ?? Date.now();
  const read = await openPolicyFile(file, nowMs);
  refuseErrors(file, read);
  const chosen = chosenPolicy(file, read, options.policy);
  const { contentHash } = chosen;
  const policy = withBranches(chosen.policy, options.branches ?? null);
  const histories = await Promise.all(
    (options.history ?? []).map(async (path) => ({ path, read: await readHistoryOf(path, nowMs) })),
  );
  // One file may have the paths that another has only ids of.
  const samples = withNamedProjects(withoutDoubles(histories.flatMap((one) => one.read.samples)));
  const candidates = await candidatesOf(options);
  if (typeof candidates !== 'number' && candidates.length === 0) {
    throw new CodedError('usage', 'say with --projects how many projects there are, or which');
  }
  const seen = samples.map(({ project }) => project);
  const scope = scopeToAssess(policy, candidates, seen);
  const targets = targetsToAssess(policy, scope);
  const occurrence = occurrenceToAssess(policy, nowMs, options.occurrence);
  const { rules, isCapacityKnown } = await capacityOf(options);
  const others = othersOf(read, policy, scope);
  const question: AssessmentQuestion = {
    nowMs,
    policy,
    contentHash,
    identity: null,
    occurrence,
    targets,
    outOfScope: scope.out,
    scopeUnknown: scope.unknown,
    samples: samplesOf(samples, { contentHash, scope, nowMs }),
    guess: guessOf(options),
    first: PUBLIC_FIRST,
    rules,
    isCapacityKnown,
    timeoutMs: options.timeout ?? policy.timeoutMs,
    queue: null,
    others: others.flatMap((other) => otherLaunches(other, policy, { occurrence, rules })),
    week: weekLoad({
      nowMs,
      timeZone: policy.schedule.timeZone,
      history: null,
      planned: plannedByOthers(others, { nowMs, eachMs: (guessOf(options) ?? PUBLIC_FIRST).p50Ms }),
    }),
    criteria: {
      maxPeak: options.maxPeak ?? null,
      finishByMs: finishByMs(options.finishBy, policy, occurrence),
      maxTimeouts: options.maxTimeouts ?? null,
    },
    replications: options.replications,
    seed: options.seed,
  };
  return {
    file,
    question,
    histories: histories.map(({ path, read: { samples: found, ...rest } }) => ({
      file: path,
      samples: found.length,
      ...rest,
    })),
    areProjectsAssumed: scope.isAssumed,
    guessFactor: options.duration !== undefined && options.durationP90 === undefined ? GUESS_FACTOR : null,
  };
}

function chosenPolicy(file: string, read: PolicyFile, name: string | undefined): HashedPolicy {
  const [first, second] = read.policies;
  if (first === undefined) throw new CodedError('policy-unknown', `${file}: has no scheduled policy.`);
  if (name === undefined) {
    if (second === undefined) return first;
    const names = read.policies.map(({ policy }) => JSON.stringify(policy.name)).join(', ');
    throw new CodedError('usage', `${file} has several policies: choose with --policy one of ${names}`);
  }
  const found = read.policies.find(({ policy }) => policy.name === name);
  if (found === undefined) throw unknownPolicy(file, name, read);
  return found;
}

function withoutDoubles(samples: readonly HistorySample[]): readonly HistorySample[] {
  return [...new Map(samples.map((sample) => [sample.key, sample])).values()];
}

function samplesOf(
  samples: readonly HistorySample[],
  { contentHash, scope, nowMs }: { contentHash: string; scope: AssessedScope; nowMs: number },
): readonly PolicySample[] {
  const byId = new Map([...scope.candidates.values()].map(({ gitlab, project }) => [gitlab.id, project]));
  return policySamples(samples, {
    contentHash,
    nowMs,
    tenantOf: (project) => tenantIn(scope, project),
    nameOfId: (id) => byId.get(id) ?? null,
  });
}

function finishByMs(
  text: string | undefined,
  { schedule }: Policy,
  occurrence: AssessmentQuestion['occurrence'],
): number | null {
  if (text === undefined) return null;
  const [, hours, minutes] = /^(\d\d):(\d\d)$/.exec(text) ?? [];
  if (hours === undefined) return Date.parse(text);
  return firstSuchTimeMs(schedule.timeZone, 60 * Number(hours) + Number(minutes), occurrence);
}

function guessOf({ duration, durationP90 }: AssessOptions): Estimate | null {
  if (duration === undefined) {
    if (durationP90 === undefined) return null;
    throw new CodedError('usage', '--duration-p90 needs --duration, what one pipeline typically takes');
  }
  const p90Ms = durationP90 ?? GUESS_FACTOR * duration;
  if (p90Ms < duration) throw new CodedError('usage', '--duration-p90 must not be shorter than --duration');
  return { p50Ms: duration, p90Ms };
}

async function capacityOf({
  runners,
  pool = {},
  config,
}: AssessOptions): Promise<{ readonly rules: AdmissionRules; readonly isCapacityKnown: boolean }> {
  const given = { ...pool, ...(runners === undefined ? {} : { [RUNS_POOL]: runners }) };
  const { loadConfig } = await import('../../config/load-config.ts');
  const loaded = await loadConfig({ file: config });
  const fromFile = loaded.file === null ? [] : loaded.pools;
  const sizes = new Map(fromFile.map(({ name, size }) => [name, size]));
  for (const [name, size] of Object.entries(given)) sizes.set(name, size);
  const isCapacityKnown = sizes.has(RUNS_POOL);
  if (!isCapacityKnown) sizes.set(RUNS_POOL, LAUNCHES_MAX);
  const { priorities, tenants, maxGrants } = loaded.admission;
  return {
    isCapacityKnown,
    rules: {
      pools: [...sizes].map(([name, size]) => ({ name, size, otherUse: 0, paused: false, doubt: null })),
      priorities,
      tenants,
      maxGrants,
    },
  };
}

/** The other policies of the file that act, on the same projects as far as they are for them. */
function othersOf({ policies }: PolicyFile, policy: Policy, scope: AssessedScope): readonly OtherPolicy[] {
  const all = policies.map((one) => one.policy);
  return policies.flatMap(({ policy: other, contentHash }) => {
    if (other.name === policy.name || !isActive(other, all)) return [];
    return { policy: other, contentHash, targets: targetsToAssess(other, scopeOfOther(other, scope)) };
  });
}
