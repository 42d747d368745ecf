/**
 * An occurrence on order: now, besides those of the schedule.
 *
 * Always true: the same key of an order is the same occurrence, however often it is asked for;
 * one is only planned where its launches would happen.
 */
import { CodedError } from '../../core/errors/catalogue.ts';
import type { Clock } from '../../ports/clock.ts';
import type { LaunchStore, OccurrenceRecord } from '../../ports/launch-store.ts';
import { type PlanningGround, planOccurrence } from '../launching/plan-occurrence.ts';
import type { RegisteredPolicy } from './registered-policy.ts';
import { entryOf, type PolicyRegistry } from './registry.ts';
import { type Digest, notLaunched } from './run-of-policy.ts';

export interface OccurrenceOrder {
  readonly by: string;
  /** Whoever repeats it orders nothing more. */
  readonly key: string;
  /** Null: as long as the policy's. */
  readonly windowMs: number | null;
}

export interface OrderingParts {
  readonly registry: PolicyRegistry;
  readonly launches: LaunchStore;
  readonly clock: Clock;
  readonly projects: Pick<PlanningGround, 'candidates' | 'candidatesPlan'>;
  readonly engineKind: string;
  readonly digest: Digest;
}

export interface OrderedOccurrence {
  /** False when it had been ordered before. */
  readonly created: boolean;
  readonly occurrence: OccurrenceRecord;
}

const KEY_DIGITS = 16;

/** @throws CodedError where nothing would be launched, with why */
export async function orderOccurrence(
  parts: OrderingParts,
  record: RegisteredPolicy,
  order: OccurrenceOrder,
): Promise<OrderedOccurrence> {
  const { registry, launches, clock, projects, engineKind, digest } = parts;
  const { identity, policy } = record;
  const key = `order-${digest(order.key).slice(0, KEY_DIGITS)}`;
  const before = await launches.occurrence(identity, key);
  if (before !== null) return { created: false, occurrence: before };
  const nowMs = clock.nowMs();
  const windowMs = order.windowMs ?? policy.window.lengthMs;
  refuseUnlaunched(record, nowMs + windowMs, engineKind);
  const bare = {
    identity,
    key,
    cause: 'order' as const,
    startsAtMs: nowMs,
    windowMs,
    spread: policy.window.spread,
    askedBy: order.by,
    createdAtMs: nowMs,
  };
  const ground = { ...projects, engineKind, nowMs };
  const { occurrence, launches: planned } = planOccurrence(record, bare, [], ground);
  if (occurrence.verdict !== 'planned') {
    throw new CodedError('policy-inactive', `Policy "${policy.name}" launches nothing: ${occurrence.reason}`);
  }
  const detail = `${planned.length} launches, ${key}`;
  const entry = entryOf('run-policy', { by: order.by, name: policy.name, nowMs, detail });
  await registry.change(() => ({ change: { saved: [], deleted: [], entries: [entry] }, answer: undefined }));
  await launches.savePlan(occurrence, planned);
  return { created: true, occurrence };
}

function refuseUnlaunched(
  { policy, isActive }: RegisteredPolicy,
  endsAtMs: number,
  engineKind: string,
): void {
  const refusal = notLaunched(policy, engineKind);
  if (refusal !== null) {
    throw new CodedError('policy-not-executable', `Policy "${policy.name}" ${refusal}.`);
  }
  if (!isActive) {
    const message = `Policy "${policy.name}" is not enabled: enable it first, or test-run it on one project.`;
    throw new CodedError('policy-inactive', message);
  }
  if (policy.snooze !== null && policy.snooze.untilMs >= endsAtMs) {
    const until = new Date(policy.snooze.untilMs).toISOString();
    const message = `Policy "${policy.name}" is snoozed until ${until}: end its snooze first.`;
    throw new CodedError('policy-inactive', message);
  }
}
