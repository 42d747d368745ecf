/**
 * Turns launches whose moment has come into held runs.
 *
 * Always true: that a launch is being created is durable before the engine is asked; nobody asks
 * again, nor says that it was missed, before looking whether its run is there; its id follows
 * from its key, so that even then it is the same run. Tries are bounded by how late it may be.
 */
import { CodedError } from '../../core/errors/catalogue.ts';
import type { RunId } from '../../core/model/run.ts';
import type { Clock } from '../../ports/clock.ts';
import type {
  LaunchChange,
  LaunchKey,
  LaunchRecord,
  LaunchState,
  LaunchStore,
} from '../../ports/launch-store.ts';
import type { Log } from '../../ports/log.ts';
import { boundedWait, errorText } from '../admission/bounded-wait.ts';
import { backoffMs } from '../admission/doubts.ts';
import { createPolicyRuns, type PolicyRunParts } from '../policies/create-policy-runs.ts';
import type { RegisteredPolicy } from '../policies/registered-policy.ts';
import { type Digest, policyRunId } from '../policies/run-of-policy.ts';
import { type FindRunsParts, findRuns } from './find-runs.ts';
import { lastMomentMs, missedReason } from './lateness.ts';

export interface CreateLaunchesParts extends FindRunsParts {
  readonly launches: LaunchStore;
  readonly runs: Omit<PolicyRunParts, 'clock'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly digest: Digest;
  /** So many launches more were launched, missed, or failed. */
  readonly onEnded?: (state: LaunchState, count: number) => void;
}

/** Runs asked for in one request. */
const TOGETHER_MAX = 50;
/** A request is given up after this; longer than an engine gives its own. */
const ANSWER_WITHIN_MS = 60_000;
const RETRY = { retryMinMs: 1_000, retryMaxMs: 60_000 };
/** Refusals that time may heal. */
const PASSING: ReadonlySet<string> = new Set(['queue-full', 'not-ready', 'data-unwritable', 'internal']);

export class LaunchCreation {
  readonly #parts: CreateLaunchesParts;

  constructor(parts: CreateLaunchesParts) {
    this.#parts = parts;
  }

  /** All of one policy, planned and due. */
  async launch(policy: RegisteredPolicy, due: readonly LaunchRecord[]): Promise<void> {
    const nowMs = this.#parts.clock.nowMs();
    const isLate = (launch: LaunchRecord): boolean => lastMomentMs(launch, policy.policy.catchUp) < nowMs;
    const rest = await this.#withoutThere(due, (launch) => launch.attempts > 0 || isLate(launch));
    await this.#change(
      rest.filter(isLate).map((launch) => ({
        key: launch,
        from: 'planned',
        to: lateEnd(launch, policy, nowMs),
      })),
    );
    const inTime = rest.filter((launch) => !isLate(launch));
    for (let from = 0; from < inTime.length; from += TOGETHER_MAX) {
      const some = inTime.slice(from, from + TOGETHER_MAX);
      const attempted = some.map((launch) => ({ ...launch, attempts: launch.attempts + 1 }));
      await this.#change(attempted.map((launch) => this.#creating(launch)));
      await this.#create(policy, attempted);
    }
  }

  /** Those whose request was never answered: launched if their run is there, else planned again. Returns the latter. */
  async lookAfter(unanswered: readonly LaunchRecord[]): Promise<readonly LaunchRecord[]> {
    const lost = await this.#withoutThere(unanswered, () => true);
    await this.#change(
      lost.map((launch) => ({ key: launch, from: 'creating', to: { state: 'planned', retryAtMs: null } })),
    );
    return lost;
  }

  /** Those whose run is there, as far as is looked, are launched; the others are returned. */
  async #withoutThere(
    launches: readonly LaunchRecord[],
    looksAt: (launch: LaunchRecord) => boolean,
  ): Promise<readonly LaunchRecord[]> {
    const asked = launches.filter(looksAt).map((launch) => ({
      askedId: this.#idOf(launch),
      project: launch.project,
    }));
    const found = await findRuns(this.#parts, asked);
    if (found.size === 0) return launches;
    const there = launches.flatMap((launch) => {
      const runId = found.get(this.#idOf(launch));
      return runId === undefined ? [] : [{ launch, runId }];
    });
    await this.#launched(there);
    return launches.filter((launch) => !found.has(this.#idOf(launch)));
  }

  #idOf({ identity, occurrenceKey, project, branch }: LaunchRecord): RunId {
    return policyRunId(this.#parts.digest, project, [
      'launch',
      identity,
      occurrenceKey,
      project,
      branch ?? '',
    ]);
  }

  #creating(launch: LaunchRecord): LaunchChange {
    const { attempts } = launch;
    const retryAtMs = this.#parts.clock.nowMs() + ANSWER_WITHIN_MS;
    return {
      key: launch,
      from: 'planned',
      to: { state: 'creating', askedId: this.#idOf(launch), attempts, retryAtMs, reason: null },
    };
  }

  /** All of one batch are created or none; so when one is refused the others are tried without it. */
  async #create(policy: RegisteredPolicy, launches: readonly LaunchRecord[]): Promise<void> {
    const { clock, runs } = this.#parts;
    const wanted = launches.map((launch) => ({
      policy,
      target: launch,
      askedId: this.#idOf(launch),
      cause: 'launch' as const,
      occurrenceKey: launch.occurrenceKey,
    }));
    try {
      const outcomes = await boundedWait(
        { clock, limitMs: ANSWER_WITHIN_MS, what: 'Creating runs' },
        (signal) => createPolicyRuns({ ...runs, clock }, wanted, signal),
      );
      const made = launches.flatMap((launch, place) => {
        const outcome = outcomes[place];
        return outcome?.kind === 'created' || outcome?.kind === 'exists'
          ? [{ launch, runId: outcome.id }]
          : [];
      });
      await this.#launched(made);
      const others = launches.filter((launch) => !made.some((one) => one.launch === launch));
      if (others.length > 0) await this.#refused(policy, others, 'a different run has its id');
    } catch (error) {
      if (error instanceof CodedError && error.status < 500 && !PASSING.has(error.code)) {
        await this.#refused(policy, launches, error.message);
      } else await this.#unanswered(launches, error);
    }
  }

  async #refused(policy: RegisteredPolicy, launches: readonly LaunchRecord[], why: string): Promise<void> {
    if (launches.length > 1) {
      const half = Math.ceil(launches.length / 2);
      await this.#create(policy, launches.slice(0, half));
      await this.#create(policy, launches.slice(half));
      return;
    }
    // It may have been made before, of the policy as it was then.
    const rest = await this.#withoutThere(launches, () => true);
    const endedAtMs = this.#parts.clock.nowMs();
    const reason = `Its run was refused: ${why}`;
    await this.#change(
      rest.map((launch) => ({ key: launch, from: 'creating', to: { state: 'failed', reason, endedAtMs } })),
    );
    for (const { identity, occurrenceKey, project } of rest) {
      this.#parts.log.warn(
        { policy: identity, occurrence: occurrenceKey, project, why },
        'A launch was refused',
      );
    }
  }

  async #unanswered(launches: readonly LaunchRecord[], error: unknown): Promise<void> {
    const { clock, log } = this.#parts;
    const reason = `Its run could not be created yet: ${errorText(error)}`;
    log.warn({ launches: launches.length, error: errorText(error) }, 'Launches could not be created yet');
    await this.#change(
      launches.map((launch) => ({
        key: launch,
        from: 'creating',
        to: { reason, retryAtMs: clock.nowMs() + backoffMs(launch.attempts, RETRY) },
      })),
    );
  }

  async #launched(made: readonly { readonly launch: LaunchRecord; readonly runId: RunId }[]): Promise<void> {
    const launchedAtMs = this.#parts.clock.nowMs();
    const done = { state: 'launched', reason: null, retryAtMs: null, launchedAtMs } as const;
    const changes = made.flatMap(({ launch, runId }) => {
      const to = { ...done, askedId: this.#idOf(launch), runId };
      return [{ key: launch, from: 'planned', to } as const, { key: launch, from: 'creating', to } as const];
    });
    await this.#change(changes);
    await this.#parts.runs.store.nameRuns(
      made.map(({ launch, runId }) => ({ askedId: this.#idOf(launch), runId })),
    );
  }

  async #change(changes: readonly LaunchChange[]): Promise<void> {
    if (changes.length === 0) return;
    const changed = await this.#parts.launches.change(changes);
    for (const state of ['launched', 'missed', 'failed'] as const) {
      const most = new Set(changes.flatMap(({ key, to }) => (to.state === state ? [textOf(key)] : []))).size;
      if (most > 0) this.#parts.onEnded?.(state, Math.min(changed, most));
    }
  }
}

function textOf({ identity, occurrenceKey, project, branch }: LaunchKey): string {
  return JSON.stringify([identity, occurrenceKey, project, branch]);
}

/** What was tried and failed until it was too late has failed; what nobody tried was missed. */
function lateEnd(launch: LaunchRecord, { policy }: RegisteredPolicy, nowMs: number): LaunchChange['to'] {
  const ended = { endedAtMs: nowMs, retryAtMs: null };
  const missed = missedReason(launch, policy.catchUp, nowMs);
  if (launch.attempts === 0) return { ...ended, state: 'missed', reason: missed };
  const tries = `${launch.attempts} ${launch.attempts === 1 ? 'try' : 'tries'}`;
  const last = launch.reason ?? 'It could not be created.';
  return { ...ended, state: 'failed', reason: `${last} (${tries}). ${missed}` };
}
