/**
 * One leader among several processes on one database, by an advisory lock that a connection of
 * its own holds. For engines that have no lease of their own.
 *
 * The lock alone would not do: when a connection breaks, PostgreSQL gives the lock to another
 * before its holder has noticed. So a leader writes down, by the database's clock, that it
 * leads; it claims to lead for less time after it *sent* that than whoever has the lock next
 * waits after it was *written*.
 *
 * Always true: the ports' promise; clocks of two machines are never compared; a process that was
 * stopped or a machine that slept does not lead when it goes on.
 */
import { performance } from 'node:perf_hooks';
import { Hints } from '../../../ports/hints.ts';
import type { Leadership, Standing } from '../../../ports/leadership.ts';
import type { Log } from '../../../ports/log.ts';
import { oneLine } from './postgres-error.ts';
import { Session } from './session.ts';
import type { PostgresSettings } from './settings.ts';

export interface LeadershipBounds {
  /** How long whoever has the lock next waits after a leader that did not say it was gone. */
  readonly waitMs: number;
  /** How long after it said so a leader claims to lead; less than that. */
  readonly claimMs: number;
  /** Between renewals, and between looks of those who wait. */
  readonly everyMs: number;
}

/** As of a Kubernetes Lease: a dead leader is replaced within 13 seconds. */
const BOUNDS: LeadershipBounds = { waitMs: 10_000, claimMs: 7_000, everyMs: 2_000 };

/** "Penstock" leading; see `dialect.ts` for the one of those who write. */
const LOCK = [0x50_65_6e_4c, "hashtext(coalesce(current_schema(), ''))"] as const;
const NOW_MS = '(extract(epoch from clock_timestamp()) * 1000)::bigint';

const TRY = `select pg_try_advisory_lock(${LOCK.join(', ')}) as mine`;
const HOLDER = `select a.application_name as name from pg_locks l join pg_stat_activity a on a.pid = l.pid
  where l.locktype = 'advisory' and l.granted and l.classid = ${LOCK[0]} and l.objid = ${LOCK[1]}::oid
  and l.objsubid = 2 and l.database = (select oid from pg_database where datname = current_database())`;
const LEFT = `select greatest(0, renewed_at_ms + $1 - ${NOW_MS})::integer as left_ms from leader where gone = 0`;
const RENEW = `insert into leader (only_row, name, renewed_at_ms, gone) values (1, $1, ${NOW_MS}, 0)
  on conflict (only_row) do update set name = excluded.name, renewed_at_ms = excluded.renewed_at_ms, gone = 0`;
const GO = 'update leader set gone = 1 where only_row = 1';

export interface PostgresLeadershipOptions {
  /** Of this process, as others are told: the machine and the process. */
  readonly name: string;
  readonly log: Log;
  readonly bounds?: LeadershipBounds;
}

interface Term {
  readonly number: number;
  readonly wonAtMs: number;
  /** Of the last renewal that was confirmed, by both clocks. */
  readonly sentSteadyMs: number;
  readonly sentWallMs: number;
}

export class PostgresLeadership implements Leadership {
  readonly #settings: PostgresSettings;
  readonly #options: PostgresLeadershipOptions;
  readonly #bounds: LeadershipBounds;
  readonly #changes = new Hints<void>();
  #session: Session | null = null;
  #hasLock = false;
  /** By the steady clock: until then the former leader may still claim to lead. */
  #waitUntilMs = 0;
  #term: Term | null = null;
  #terms = 0;
  #leader: string | null = null;
  #said = '';
  #failed = false;
  #isClosed = false;
  #timer: NodeJS.Timeout | undefined;
  #turning: Promise<void> = Promise.resolve();

  constructor(settings: PostgresSettings, options: PostgresLeadershipOptions) {
    this.#settings = settings;
    this.#options = options;
    this.#bounds = options.bounds ?? BOUNDS;
    this.#turn();
  }

  standing(): Standing {
    const term = this.#term;
    if (term === null) return { kind: 'following', leader: this.#leader };
    const leftMs = this.#leftMs(term);
    if (leftMs <= 0) return { kind: 'following', leader: null };
    const untilMs = Math.floor(Date.now() + leftMs);
    return { kind: 'leading', term: term.number, untilMs, formerEndMs: term.wonAtMs };
  }

  onChange(listener: () => void): () => void {
    return this.#changes.subscribe(listener);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#turning;
    const wasLeading = this.#term !== null;
    this.#lose();
    const session = this.#session;
    this.#session = null;
    // A courtesy: if it does not work, the next one waits.
    if (wasLeading) await session?.query(GO).catch(() => {});
    await session?.close();
  }

  /** A clock that somebody set, or a machine that slept: the one by which more time has passed counts. */
  #leftMs({ sentSteadyMs, sentWallMs }: Term): number {
    const passedMs = Math.max(performance.now() - sentSteadyMs, Date.now() - sentWallMs);
    return this.#bounds.claimMs - passedMs;
  }

  #turn(): void {
    this.#turning = this.#look()
      .then(() => {
        this.#failed = false;
      })
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#tell();
        if (this.#isClosed) return;
        this.#timer = setTimeout(() => this.#turn(), this.#nextInMs());
      });
  }

  #nextInMs(): number {
    const { everyMs } = this.#bounds;
    const waitsMs = this.#waitUntilMs - performance.now();
    return this.#hasLock && this.#term === null && waitsMs > 0 ? Math.min(everyMs, waitsMs) : everyMs;
  }

  async #look(): Promise<void> {
    const session = await this.#connected();
    if (!this.#hasLock) await this.#try(session);
    if (!this.#hasLock) {
      const [holder] = await session.query(HOLDER);
      this.#leader = typeof holder?.name === 'string' ? holder.name : null;
      return;
    }
    if (this.#term === null && performance.now() < this.#waitUntilMs) {
      // Asked for something, so that the server does not take the session for dead.
      await session.query('select 1');
      return;
    }
    await this.#renew(session);
  }

  async #connected(): Promise<Session> {
    if (this.#session !== null) return this.#session;
    const session = await Session.open(this.#settings, {
      name: this.#options.name,
      idleMs: this.#bounds.waitMs,
      onEnd: () => this.#ended(),
    });
    this.#session = session;
    return session;
  }

  async #try(session: Session): Promise<void> {
    const [tried] = await session.query(TRY);
    if (tried?.mine !== true) return;
    this.#leader = null;
    const [former] = await session.query(LEFT, [this.#bounds.waitMs]);
    this.#waitUntilMs = performance.now() + Number(former?.left_ms ?? 0);
    this.#hasLock = true;
  }

  async #renew(session: Session): Promise<void> {
    const sent = { sentSteadyMs: performance.now(), sentWallMs: Date.now() };
    await session.query(RENEW, [this.#options.name]);
    // The lock went with the session while it was asked.
    if (this.#session !== session || this.#isClosed) return;
    const running = this.#term !== null && this.#leftMs(this.#term) > 0 ? this.#term : null;
    if (running === null) this.#terms += 1;
    this.#term = { number: this.#terms, wonAtMs: running?.wonAtMs ?? Date.now(), ...sent };
  }

  #ended(): void {
    this.#session = null;
    this.#lose();
    this.#tell();
  }

  #lose(): void {
    this.#hasLock = false;
    this.#term = null;
  }

  #fail(error: unknown): void {
    this.#session?.end();
    this.#leader = null;
    if (!this.#failed) this.#options.log.warn({ error: oneLine(error) }, 'Nobody can be asked who leads');
    this.#failed = true;
  }

  #tell(): void {
    const standing = this.standing();
    const said = standing.kind === 'leading' ? `leading ${standing.term}` : `following ${standing.leader}`;
    if (said === this.#said) return;
    this.#said = said;
    const { log, name } = this.#options;
    if (standing.kind === 'leading') log.info({ name }, 'This process leads');
    else log.info({ leader: standing.leader }, 'This process follows');
    this.#changes.tell();
  }
}
