/**
 * Sends the writes that people read and nothing depends on, within a budget for the whole cluster.
 *
 * Always true: for one key at most one write is under way and one waits, the newest; those of
 * one key arrive in the order given; the queue is bounded and drops what has waited longest; a
 * server that is overloaded is left alone by all of them.
 */
import { assert } from '../../../../core/assert.ts';
import { TokenBucket } from '../../../../core/limits/token-bucket.ts';
import type { Log } from '../../../../ports/log.ts';
import type { ApiOutcome, Cluster } from '../api.ts';
import { BackOff } from '../back-off.ts';
import { MACHINE_TIME, type Time } from '../time.ts';
import type { BudgetedWriter, Write, WriterCounts } from './writer.ts';

/** What is older is of no use to anybody by the time it would be sent: half an hour at 5 a second. */
const WAITING_MAX = 10_000;
const AT_ONCE_MAX = 8;
/** Of one write, those that failed for its own sake and for the server's alike. */
const ATTEMPTS_MAX = 5;
const TIMEOUT_MS = 10_000;
const PAUSE_MIN_MS = 500;
const PAUSE_MAX_MS = 30_000;

export interface BudgetedWriterOptions {
  readonly cluster: Cluster;
  readonly perSecond: number;
  readonly burst: number;
  readonly log: Log;
  readonly time?: Time;
}

export function budgetedWriter(options: BudgetedWriterOptions): BudgetedWriter {
  assert(options.perSecond > 0 && options.burst >= 1, 'a budget lets something through');
  return new Writer(options);
}

interface Waiting {
  readonly write: Write;
  readonly attempts: number;
}

class Writer implements BudgetedWriter {
  readonly #options: BudgetedWriterOptions;
  readonly #time: Time;
  readonly #bucket: TokenBucket;
  readonly #backOff: BackOff;
  readonly #waiting = new Map<string, Waiting>();
  readonly #underWay = new Map<string, Promise<void>>();
  readonly #closing = new AbortController();
  #counts = { written: 0, replaced: 0, gone: 0, failed: 0, overflowed: 0 };
  #cancelTimer: (() => void) | null = null;
  #pausedUntilMs = 0;

  constructor(options: BudgetedWriterOptions) {
    const { perSecond, burst, time = MACHINE_TIME } = options;
    this.#options = options;
    this.#time = time;
    this.#bucket = new TokenBucket(time.steadyMs(), perSecond, burst);
    this.#backOff = new BackOff(time, PAUSE_MIN_MS, PAUSE_MAX_MS);
  }

  put(key: string, write: Write): void {
    if (this.#closing.signal.aborted) return;
    this.#enqueue(key, { write, attempts: 0 });
    this.#send();
  }

  forget(key: string): void {
    this.#waiting.delete(key);
  }

  counts(): WriterCounts {
    return { ...this.#counts, waiting: this.#waiting.size };
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#cancelTimer?.();
    this.#waiting.clear();
    await Promise.all(this.#underWay.values());
  }

  /** A newer write takes the place in the queue of the one it replaces, so that nothing waits for ever. */
  #enqueue(key: string, waiting: Waiting): void {
    if (this.#waiting.has(key)) this.#counts.replaced += 1;
    this.#waiting.set(key, waiting);
    if (this.#waiting.size <= WAITING_MAX) return;
    for (const oldest of this.#waiting.keys()) {
      this.#waiting.delete(oldest);
      this.#counts.overflowed += 1;
      return;
    }
  }

  /** Sends what may be sent now, and comes back when more may. */
  #send(): void {
    if (this.#cancelTimer !== null || this.#closing.signal.aborted) return;
    for (const [key, waiting] of this.#waiting) {
      if (this.#underWay.size >= AT_ONCE_MAX) return;
      if (this.#underWay.has(key)) continue;
      const pauseMs = Math.max(0, this.#pausedUntilMs - this.#time.steadyMs());
      const delayMs = pauseMs > 0 ? pauseMs : this.#bucket.take(this.#time.steadyMs());
      if (delayMs > 0) {
        this.#comeBack(delayMs);
        return;
      }
      this.#waiting.delete(key);
      this.#underWay.set(key, this.#write(key, waiting));
    }
  }

  #comeBack(delayMs: number): void {
    this.#cancelTimer = this.#time.after(delayMs, () => {
      this.#cancelTimer = null;
      this.#send();
    });
  }

  async #write(key: string, { write, attempts }: Waiting): Promise<void> {
    const outcome = await this.#options.cluster.request({
      ...write,
      signal: new AbortController().signal,
      timeoutMs: TIMEOUT_MS,
    });
    this.#underWay.delete(key);
    const end = endOf(outcome, write);
    if (end !== 'again') {
      this.#counts[end] += 1;
      if (end === 'failed') this.#options.log.warn({ key, outcome }, 'A write was refused');
      if (end === 'written') this.#backOff.reset();
    } else this.#again(key, { write, attempts: attempts + 1 }, outcome);
    this.#send();
  }

  #again(key: string, waiting: Waiting, outcome: ApiOutcome): void {
    const retryAfterMs = outcome.kind === 'api-status' ? outcome.retryAfterMs : null;
    const nowMs = this.#time.steadyMs();
    // Those that were under way together fail together: one failure of the server, one step of back-off.
    const isFirst = nowMs >= this.#pausedUntilMs;
    const pauseMs = isFirst ? this.#backOff.nextMs(retryAfterMs) : (retryAfterMs ?? 0);
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, nowMs + pauseMs);
    if (this.#closing.signal.aborted) return;
    if (this.#waiting.has(key)) {
      this.#counts.replaced += 1;
    } else if (waiting.attempts >= ATTEMPTS_MAX) {
      this.#counts.failed += 1;
      this.#options.log.warn({ key, outcome }, 'A write was given up');
    } else this.#enqueue(key, waiting);
  }
}

/** A name in use means that an attempt whose answer was lost has made it. */
function endOf(outcome: ApiOutcome, { method }: Write): 'written' | 'gone' | 'failed' | 'again' {
  if (outcome.kind === 'ok') return 'written';
  if (outcome.kind !== 'api-status') return 'again';
  const { code } = outcome;
  if (code === 409 && method === 'POST') return 'written';
  if (code === 404) return 'gone';
  return code === 429 || code >= 500 ? 'again' : 'failed';
}
