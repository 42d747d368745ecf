/**
 * One leader among several processes, by a Lease object, as Kubernetes' own controllers do.
 *
 * Always true: this process claims to lead only until `renewDeadlineMs` after it *sent* the last
 * renewal that the server confirmed; nobody else takes the lease before the longer lease
 * duration has passed since he *saw* it change last, which is later. Clocks of two machines are
 * never compared, only how long each measured; they may run at rates as far apart as the two
 * durations are. A machine that was asleep does not lead when it wakes up: for the leader that
 * clock counts by which more time has passed.
 */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { assert } from '../../../../core/assert.ts';
import type { Log } from '../../../../ports/log.ts';
import type { ApiOutcome, Cluster, Method } from '../api.ts';
import { Listeners } from '../listeners.ts';
import { MACHINE_TIME, type Time } from '../time.ts';
import type { Leadership, LeadershipState } from './leadership.ts';
import { type LeaseRecord, leaseBody, microTime, NOBODY, readLease } from './lease-record.ts';

export interface LeaseBounds {
  /** How long others leave a lease alone that nobody renews. */
  readonly leaseDurationMs: number;
  /** How long after a renewal the leader claims to lead; less than the lease duration. */
  readonly renewDeadlineMs: number;
  /** Between renewals, and between looks of those who wait. */
  readonly retryMs: number;
}

/** A dead leader is replaced within 13 seconds; an API server may be away for 5 without a change. */
export const DEFAULT_LEASE_BOUNDS: LeaseBounds = {
  leaseDurationMs: 10_000,
  renewDeadlineMs: 7_000,
  retryMs: 2_000,
};

/** Giving the lease back is a courtesy: if it does not work at once, the lease runs out. */
const RELEASE_TIMEOUT_MS = 2_000;
const RELEASE_ATTEMPTS = 2;

export interface ElectOptions {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly name: string;
  readonly log: Log;
  readonly identity?: string;
  readonly time?: Time;
  readonly bounds?: LeaseBounds;
}

export function elect(options: ElectOptions): Leadership {
  const { leaseDurationMs, renewDeadlineMs, retryMs } = options.bounds ?? DEFAULT_LEASE_BOUNDS;
  assert(
    retryMs < renewDeadlineMs && renewDeadlineMs < leaseDurationMs,
    'retry < renew deadline < lease duration',
  );
  const candidate = new Candidate(options);
  candidate.run();
  return candidate;
}

interface Seen {
  readonly record: LeaseRecord;
  /** When this process saw the holder or the renewal change last, by the steady clock. */
  readonly changedMs: number;
}

interface Term {
  readonly sinceMs: number;
  /** Of the last renewal that was confirmed, by both clocks. */
  readonly sentMs: number;
  readonly sentWallMs: number;
}

class Candidate implements Leadership {
  readonly identity: string;
  readonly #options: ElectOptions;
  readonly #time: Time;
  readonly #bounds: LeaseBounds;
  readonly #path: string;
  readonly #changed: Listeners<[]>;
  readonly #closing = new AbortController();
  #seen: Seen | null = null;
  #term: Term | null = null;
  #told: LeadershipState = { kind: 'following', leader: null };
  #running: Promise<void> = Promise.resolve();
  #cancelTurn: () => void = () => {};
  #cancelEnd: () => void = () => {};

  constructor(options: ElectOptions) {
    const { namespace, name, time = MACHINE_TIME, bounds = DEFAULT_LEASE_BOUNDS, log } = options;
    this.identity = options.identity ?? `${hostname()}_${randomBytes(6).toString('hex')}`;
    this.#options = options;
    this.#time = time;
    this.#bounds = bounds;
    const collection = `/apis/coordination.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/leases`;
    this.#path = `${collection}/${encodeURIComponent(name)}`;
    this.#changed = new Listeners(log);
  }

  run(): void {
    this.#running = this.#turn();
  }

  state(): LeadershipState {
    const term = this.#term;
    if (term !== null && this.#isRunning(term)) {
      const { sinceMs, sentMs } = term;
      return { kind: 'leading', sinceMs, untilMs: sentMs + this.#bounds.renewDeadlineMs };
    }
    const seen = this.#seen;
    const isOther = seen !== null && seen.record.holder !== this.identity && this.#isHeld(seen);
    return { kind: 'following', leader: isOther ? seen.record.holder : null };
  }

  onChange(listener: () => void): () => void {
    return this.#changed.add(listener);
  }

  get #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  async close(): Promise<void> {
    const held = this.#term !== null || this.#seen?.record.holder === this.identity;
    this.#term = null;
    this.#closing.abort();
    this.#cancelTurn();
    this.#cancelEnd();
    this.#tell();
    await this.#running;
    if (held) await this.#release();
  }

  /** Looks or renews once, and sets when to do it again. */
  async #turn(): Promise<void> {
    const startedMs = this.#time.steadyMs();
    const isRenewal = this.#term !== null && this.#isRunning(this.#term);
    if (!isRenewal) await this.#look();
    // A renewal whose answer was lost has moved the version on: then the next one is in order.
    if (this.#mayTake() && (await this.#take()) === 'overtaken') await this.#lookAndRenew();
    this.#tell();
    if (this.#isClosed) return;
    this.#cancelTurn = this.#time.after(this.#delayMs(startedMs), () => this.run());
  }

  async #lookAndRenew(): Promise<void> {
    await this.#look();
    if (this.#seen?.record.holder !== this.identity) this.#term = null;
    else if (!this.#isClosed) await this.#take();
  }

  async #look(): Promise<void> {
    const outcome = await this.#ask('GET', this.#path);
    if (outcome.kind === 'ok') this.#saw(outcome.body);
    else if (outcome.kind === 'api-status' && outcome.code === 404) this.#sawNone();
    else this.#options.log.warn({ lease: this.#path, outcome }, 'The lease cannot be read');
  }

  #saw(body: unknown): void {
    const record = readLease(body);
    if (record === null) return;
    const before = this.#seen;
    const isSame = before?.record.holder === record.holder && before.record.renewTime === record.renewTime;
    this.#seen = { record, changedMs: isSame ? before.changedMs : this.#time.steadyMs() };
  }

  /** Nobody made it yet, or somebody removed it: then its holder still leads until it runs out. */
  #sawNone(): void {
    const { record, changedMs } = this.#seen ?? { record: NOBODY, changedMs: this.#time.steadyMs() };
    this.#seen = { record: { ...record, resourceVersion: '' }, changedMs };
  }

  #mayTake(): boolean {
    const seen = this.#seen;
    if (this.#isClosed || seen === null) return false;
    return seen.record.holder === this.identity || !this.#isHeld(seen);
  }

  /** Takes the lease or renews it: the same write, which only succeeds on the version seen. */
  async #take(): Promise<'taken' | 'overtaken' | 'failed'> {
    const sentMs = this.#time.steadyMs();
    const sentWallMs = this.#time.wallMs();
    const outcome = await this.#write(this.#nextRecord(sentWallMs));
    if (outcome.kind === 'ok') {
      this.#saw(outcome.body);
      if (this.#isClosed) return 'failed';
      const isRenewal = this.#term !== null && this.#isRunning(this.#term);
      const sinceMs = isRenewal ? (this.#term?.sinceMs ?? sentMs) : sentMs;
      this.#term = { sinceMs, sentMs, sentWallMs };
      this.#armEnd();
      return 'taken';
    }
    if (outcome.kind === 'api-status' && (outcome.code === 409 || outcome.code === 404)) return 'overtaken';
    this.#options.log.warn({ lease: this.#path, outcome }, 'The lease cannot be written');
    return 'failed';
  }

  #write(record: LeaseRecord): Promise<ApiOutcome> {
    const { namespace, name } = this.#options;
    const body = leaseBody(namespace, name, record);
    const collection = this.#path.slice(0, this.#path.lastIndexOf('/'));
    return record.resourceVersion === ''
      ? this.#ask('POST', collection, body)
      : this.#ask('PUT', this.#path, body);
  }

  #nextRecord(wallMs: number): LeaseRecord {
    const before = this.#seen?.record ?? NOBODY;
    const now = microTime(wallMs);
    const isRenewal = before.holder === this.identity;
    return {
      holder: this.identity,
      durationMs: this.#bounds.leaseDurationMs,
      transitions: before.transitions + (isRenewal ? 0 : 1),
      acquireTime: isRenewal ? before.acquireTime : now,
      renewTime: now,
      resourceVersion: before.resourceVersion,
    };
  }

  /** The longer of what the holder promised and what we would: durations may be changed one by one. */
  #heldUntilMs({ record, changedMs }: Seen): number {
    return changedMs + Math.max(record.durationMs, this.#bounds.leaseDurationMs);
  }

  #isHeld(seen: Seen): boolean {
    return seen.record.holder !== '' && this.#time.steadyMs() < this.#heldUntilMs(seen);
  }

  #isRunning({ sentMs, sentWallMs }: Term): boolean {
    const passedMs = Math.max(this.#time.steadyMs() - sentMs, this.#time.wallMs() - sentWallMs);
    return passedMs < this.#bounds.renewDeadlineMs;
  }

  #delayMs(startedMs: number): number {
    const { retryMs } = this.#bounds;
    if (this.state().kind === 'leading') return Math.max(0, startedMs + retryMs - this.#time.steadyMs());
    const jitteredMs = retryMs * (0.8 + this.#time.random() * 0.4);
    const seen = this.#seen;
    if (seen === null || !this.#isHeld(seen)) return jitteredMs;
    return Math.min(jitteredMs, this.#heldUntilMs(seen) - this.#time.steadyMs());
  }

  /** A request that hangs must leave time for another one before the claim runs out. */
  #ask(method: Method, path: string, body?: unknown): Promise<ApiOutcome> {
    const asked = { method, path, signal: this.#closing.signal, timeoutMs: this.#bounds.renewDeadlineMs / 2 };
    return this.#options.cluster.request(body === undefined ? asked : { ...asked, body });
  }

  #armEnd(): void {
    this.#cancelEnd();
    this.#cancelEnd = this.#time.after(this.#bounds.renewDeadlineMs, () => this.#tell());
  }

  #tell(): void {
    const before = this.#told;
    const now = this.state();
    this.#told = now;
    const leaderOf = (state: LeadershipState) => (state.kind === 'following' ? state.leader : this.identity);
    if (before.kind === now.kind && leaderOf(before) === leaderOf(now)) return;
    this.#options.log.info({ lease: this.#path, identity: this.identity, ...now }, 'Leadership changed');
    this.#changed.tell();
  }

  async #release(): Promise<void> {
    const { cluster, namespace, name } = this.#options;
    const { signal } = new AbortController();
    const asked = { path: this.#path, signal, timeoutMs: RELEASE_TIMEOUT_MS };
    for (let attempt = 0; attempt < RELEASE_ATTEMPTS; attempt += 1) {
      const read = await cluster.request({ ...asked, method: 'GET' });
      const record = read.kind === 'ok' ? readLease(read.body) : null;
      if (record === null || record.holder !== this.identity) return;
      const body = leaseBody(namespace, name, { ...record, holder: '', durationMs: 1_000 });
      const written = await cluster.request({ ...asked, method: 'PUT', body });
      if (written.kind === 'ok') return;
    }
  }
}
