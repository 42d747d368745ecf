/**
 * Plans launches ahead: occurrences that are near become rows, and rows follow each change of
 * their policy and of the projects until they are launched.
 *
 * Always true: an occurrence is planned if its policy was there and active when its window
 * opened, however late anybody looks; planning the same again changes nothing; a clock that was
 * set back makes it plan anew, and never twice.
 */
import { occurrencesBetween } from '../../core/schedule/recurrence.ts';
import type { Clock } from '../../ports/clock.ts';
import type { LaunchStore, OccurrenceRecord } from '../../ports/launch-store.ts';
import type { PolicyOutline } from '../../ports/policy-store.ts';
import type { RegisteredPolicy } from '../policies/registered-policy.ts';
import type { PolicyRegistry } from '../policies/registry.ts';
import { notLaunched } from '../policies/run-of-policy.ts';
import { type BareOccurrence, type PlanningGround, planOccurrence, planText } from './plan-occurrence.ts';

/** Long enough to be seen coming, short enough for few rows to change with an edit. */
export const AHEAD_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** The longest window, and the most by which a launch may be late. */
const LOOK_BACK_MS = 31 * DAY_MS;
/** A clock that is corrected by less was only inexact. */
const SET_BACK_MS = 1_000;

export interface PlannerParts {
  readonly registry: PolicyRegistry;
  readonly store: LaunchStore;
  readonly clock: Clock;
  readonly projects: Pick<PlanningGround, 'candidates' | 'candidatesPlan'>;
  readonly engineKind: string;
}

export class Planner {
  readonly #parts: PlannerParts;
  /** What is needed again and again of policies, in the version that it is of. */
  readonly #records = new Map<string, RegisteredPolicy>();
  #lastAtMs = Number.NEGATIVE_INFINITY;

  constructor(parts: PlannerParts) {
    this.#parts = parts;
  }

  async plan(): Promise<void> {
    const { registry, store, clock } = this.#parts;
    const nowMs = clock.nowMs();
    const wasSetBack = nowMs < this.#lastAtMs - SET_BACK_MS;
    this.#lastAtMs = nowMs;
    const lookedMs = Math.min((await store.progress()) ?? nowMs, nowMs);
    const fromMs = Math.max(lookedMs, nowMs - LOOK_BACK_MS);
    const known = await store.occurrencesFrom(nowMs - LOOK_BACK_MS);
    const planned = new Map(known.map((occurrence) => [idOf(occurrence), occurrence]));
    const { outlines } = await registry.state();
    for (const outline of outlines) {
      if (outline.deletedAtMs !== null) this.#records.delete(outline.identity);
      else if (outline.isActive) await this.#planNew(outline, { fromMs, nowMs, planned });
    }
    for (const occurrence of known) {
      const isOpen = occurrence.startsAtMs + occurrence.windowMs > nowMs;
      if (isOpen) await this.#follow(occurrence, { always: wasSetBack });
    }
    await store.saveProgress(nowMs);
  }

  /** Plans it again if anything it was planned from has changed, or in any case; false when not. */
  async follow(identity: string, key: string, options = { always: false }): Promise<boolean> {
    const occurrence = await this.#parts.store.occurrence(identity, key);
    return occurrence !== null && this.#follow(occurrence, options);
  }

  /** Null once nobody remembers it. */
  async recordOf(identity: string): Promise<RegisteredPolicy | null> {
    return this.#parts.registry.findByIdentity(identity);
  }

  async #planNew(
    outline: PolicyOutline,
    span: {
      readonly fromMs: number;
      readonly nowMs: number;
      readonly planned: ReadonlyMap<string, OccurrenceRecord>;
    },
  ): Promise<void> {
    const record = await this.#current(outline);
    if (record === null || notLaunched(record.policy, this.#parts.engineKind) !== null) return;
    const { policy, identity } = record;
    const fromMs = Math.max(span.fromMs, record.activeSinceMs);
    const coming = occurrencesBetween(policy.schedule, fromMs, span.nowMs + AHEAD_MS);
    for (const { key, startsAtMs } of coming) {
      if (span.planned.has(idOf({ identity, key }))) continue;
      await this.planAnew(record, {
        identity,
        key,
        cause: 'schedule',
        startsAtMs,
        windowMs: policy.window.lengthMs,
        spread: policy.window.spread,
        askedBy: null,
        createdAtMs: span.nowMs,
      });
    }
  }

  async planAnew(record: RegisteredPolicy, bare: BareOccurrence): Promise<void> {
    const { store } = this.#parts;
    const before = await store.launchesOf(bare.identity, bare.key);
    const { occurrence, launches } = planOccurrence(record, bare, before, this.#ground());
    await store.savePlan(occurrence, launches);
  }

  async #follow(occurrence: OccurrenceRecord, { always }: { readonly always: boolean }): Promise<boolean> {
    const record = await this.recordOf(occurrence.identity);
    if (record === null) return false;
    if (!always && planText(record, this.#ground()) === occurrence.plan) return false;
    await this.planAnew(record, occurrence);
    return true;
  }

  #ground(): PlanningGround {
    const { projects, engineKind, clock } = this.#parts;
    return { ...projects, engineKind, nowMs: clock.nowMs() };
  }

  /** Read once in each version: there may be a thousand, and they may be long. */
  async #current({ identity, version }: PolicyOutline): Promise<RegisteredPolicy | null> {
    const known = this.#records.get(identity);
    if (known?.version === version) return known;
    const record = await this.#parts.registry.findByIdentity(identity);
    if (record === null) return null;
    const { policy } = record;
    // Of what is executed only its place is needed here.
    const content =
      policy.content.kind === 'pipeline-inline' ? { ...policy.content, spec: null } : policy.content;
    const short = { ...record, runContent: null, document: null, policy: { ...policy, content } };
    this.#records.set(identity, short);
    return short;
  }
}

function idOf({ identity, key }: Pick<OccurrenceRecord, 'identity' | 'key'>): string {
  return JSON.stringify([identity, key]);
}
