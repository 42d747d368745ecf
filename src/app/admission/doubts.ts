/**
 * What the loop cannot rely on at the moment, since when, and when to try again.
 *
 * Always true: trying never ends; the pause between two tries doubles up to a bound.
 */
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import { errorText } from './bounded-wait.ts';
import type { AdmissionListener, Doubt, DoubtSource } from './events.ts';

export interface DoubtsParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly listener: AdmissionListener;
  readonly retryMinMs: number;
  readonly retryMaxMs: number;
}

/** Doubling this often passes any bound; keeps 2^n finite however long an outage lasts. */
const DOUBLINGS_MAX = 30;

export function backoffMs(failures: number, bounds: Pick<DoubtsParts, 'retryMinMs' | 'retryMaxMs'>): number {
  const doubled = bounds.retryMinMs * 2 ** Math.min(Math.max(failures - 1, 0), DOUBLINGS_MAX);
  return Math.min(doubled, bounds.retryMaxMs);
}

export class Doubts {
  readonly #parts: DoubtsParts;
  readonly #current = new Map<DoubtSource, { readonly doubt: Doubt; readonly retryAtMs: number }>();

  constructor(parts: DoubtsParts) {
    this.#parts = parts;
  }

  current(): readonly Doubt[] {
    return [...this.#current.values()].map((entry) => entry.doubt);
  }

  /** The earliest moment at which something doubted is worth another try; null without doubts. */
  retryAtMs(): number | null {
    let earliest: number | null = null;
    for (const { retryAtMs } of this.#current.values()) {
      earliest = earliest === null ? retryAtMs : Math.min(earliest, retryAtMs);
    }
    return earliest;
  }

  raise(source: DoubtSource, error: unknown): void {
    const { clock, log, listener } = this.#parts;
    const nowMs = clock.nowMs();
    const before = this.#current.get(source)?.doubt;
    const doubt: Doubt = {
      source,
      error: errorText(error),
      sinceMs: before?.sinceMs ?? nowMs,
      failures: (before?.failures ?? 0) + 1,
    };
    this.#current.set(source, { doubt, retryAtMs: nowMs + backoffMs(doubt.failures, this.#parts) });
    log.warn({ ...doubt, err: source === 'admission' ? error : undefined }, 'In doubt, so nothing starts');
    listener({ kind: 'doubt', doubt });
  }

  clear(source: DoubtSource): void {
    const { clock, log, listener } = this.#parts;
    if (!this.#current.delete(source)) return;
    log.info({ source }, 'No longer in doubt');
    listener({ kind: 'doubt-ended', source, atMs: clock.nowMs() });
  }
}
