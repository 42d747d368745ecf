/** Launches of other policies in the time of the one that is assessed: they want the same pools. */
import { RUNS_POOL, runId } from '../model/run.ts';
import type { HeldRun } from '../model/snapshot.ts';
import { launchesOf } from '../policy/launches.ts';
import type { Policy } from '../policy/model.ts';
import { identityOf } from '../policy/preview.ts';
import { type Occurrence, occurrencesBetween } from '../schedule/recurrence.ts';
import type { AdmissionRules, AssessedTarget, OtherLaunches } from './question.ts';
import { PLANNED_MS, type TakenSlots } from './week-load.ts';

export interface OtherPolicy {
  readonly policy: Policy;
  readonly contentHash: string;
  readonly targets: readonly AssessedTarget[];
}

/** What was launched shortly before still runs, and what comes shortly after finds a queue. */
const AROUND_MS = 3_600_000;
/** Of one policy: a policy that launches every other minute would be a load of its own. */
const OCCURRENCES_MAX = 31;
/** For the load of hours; of more, one stands for several. */
const PLANNED_TARGETS_MAX = 2_000;

export function otherLaunches(
  other: OtherPolicy,
  policy: Policy,
  { occurrence, rules }: { readonly occurrence: Occurrence; readonly rules: AdmissionRules },
): readonly OtherLaunches[] {
  const lengthMs = other.policy.window.lengthMs;
  const fromMs = occurrence.startsAtMs - lengthMs - AROUND_MS + 1;
  const untilMs = occurrence.startsAtMs + policy.window.lengthMs + AROUND_MS;
  return occurrencesBetween(other.policy.schedule, fromMs, untilMs)
    .slice(0, OCCURRENCES_MAX)
    .map((theirs) => ({
      policy: other.policy.name,
      opensAtMs: theirs.startsAtMs,
      closesAtMs: theirs.startsAtMs + lengthMs,
      runs: runsOf(other, theirs, rules).filter(({ heldSinceMs }) => heldSinceMs >= occurrence.startsAtMs),
    }));
}

/** What others plan for the next weeks, by policy; each pipeline takes as long as is usual. */
export function plannedByOthers(
  others: readonly OtherPolicy[],
  { nowMs, eachMs }: { readonly nowMs: number; readonly eachMs: number },
): readonly (readonly TakenSlots[])[] {
  return others.map((other) => plannedBy(other, { fromMs: nowMs, toMs: nowMs + PLANNED_MS }, eachMs));
}

function plannedBy(
  other: OtherPolicy,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  eachMs: number,
): readonly TakenSlots[] {
  const { policy } = other;
  const each = Math.ceil(other.targets.length / PLANNED_TARGETS_MAX);
  const targets = other.targets.filter((_, place) => place % each === 0);
  const slots = each * (policy.requests[RUNS_POOL] ?? 1);
  return occurrencesBetween(policy.schedule, fromMs, toMs)
    .slice(0, OCCURRENCES_MAX)
    .flatMap((occurrence) => launchesThatHappen(policy, occurrence, targets))
    .map(({ atMs }) => ({ fromMs: atMs, toMs: atMs + eachMs, slots }));
}

/** Drawn once: which of the futures it is matters less than that they come. */
function runsOf(
  { policy, contentHash, targets }: OtherPolicy,
  occurrence: Occurrence,
  { priorities }: AdmissionRules,
): readonly HeldRun[] {
  const tenants = new Map(targets.map(({ project, tenant }) => [project, tenant]));
  return launchesThatHappen(policy, occurrence, targets).map(({ project, branch, atMs }) => ({
    id: runId(`other ${policy.name} ${occurrence.key} ${project} ${branch ?? ''}`),
    project,
    tenant: tenants.get(project) as string,
    contentHash,
    priority: policy.priority ?? (priorities.at(-1)?.name as string),
    requests: { [RUNS_POOL]: 1, ...policy.requests },
    heldSinceMs: atMs,
    estimate: { p50Ms: AROUND_MS, p90Ms: AROUND_MS },
    timeoutMs: policy.timeoutMs,
  }));
}

function launchesThatHappen(policy: Policy, occurrence: Occurrence, targets: readonly AssessedTarget[]) {
  const plan = { identity: identityOf(policy), window: policy.window, snooze: policy.snooze };
  return launchesOf(occurrence, plan, targets).filter(({ isSnoozed }) => !isSnoozed);
}
