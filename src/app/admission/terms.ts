/**
 * From when on this process may start runs: only while it leads, and only once nothing that
 * a predecessor asked for can take effect any more and a fresh look was made after that.
 *
 * Always true: each time leadership is won this begins anew; a predecessor is an earlier
 * process on the same store as well as a former leader elsewhere.
 */
import type { Clock } from '../../ports/clock.ts';
import type { Leadership } from '../../ports/leadership.ts';
import type { Ledger } from './ledger.ts';

export class Terms {
  readonly #leadership: Leadership;
  readonly #ledger: Ledger;
  readonly #clock: Clock;
  #term: number | null = null;
  #predecessorsAreDone = false;

  constructor(parts: { readonly leadership: Leadership; readonly ledger: Ledger; readonly clock: Clock }) {
    this.#leadership = parts.leadership;
    this.#ledger = parts.ledger;
    this.#clock = parts.clock;
  }

  /** To be called at the beginning of a pass, before anything is read. */
  begin(): void {
    const standing = this.#leadership.standing();
    const term = standing.kind === 'leading' ? standing.term : null;
    if (term === this.#term) return;
    this.#term = term;
    this.#predecessorsAreDone = false;
    // What another process wrote meanwhile counts, not what is remembered of before.
    this.#ledger.forget();
  }

  /** When a fresh look will do; null when none is needed. */
  lookDueAtMs(): number | null {
    return this.#predecessorsAreDone || this.#term === null ? null : this.#predecessorsEndMs();
  }

  /** A fresh observation was asked for at `askedAtMs`, and has been taken in. */
  looked(askedAtMs: number): void {
    if (this.#term !== null && askedAtMs >= this.#predecessorsEndMs()) this.#predecessorsAreDone = true;
  }

  mayStart(): boolean {
    return this.#predecessorsAreDone && this.startableUntilMs() > this.#clock.nowMs();
  }

  /** No start request may take effect after this; negative infinity while this process does not lead. */
  startableUntilMs(): number {
    const standing = this.#leadership.standing();
    const leads = standing.kind === 'leading' && standing.term === this.#term;
    return leads ? standing.untilMs : Number.NEGATIVE_INFINITY;
  }

  /** Null when nothing a predecessor asked for is waited for. */
  waitingUntilMs(): number | null {
    const endMs = this.lookDueAtMs();
    return endMs === null || !Number.isFinite(endMs) ? null : endMs;
  }

  /** Who leads instead; null when this process does. */
  following(): { readonly leader: string | null } | null {
    const standing = this.#leadership.standing();
    return standing.kind === 'following' ? { leader: standing.leader } : null;
  }

  #predecessorsEndMs(): number {
    const standing = this.#leadership.standing();
    const formerEndMs = standing.kind === 'leading' ? standing.formerEndMs : Number.POSITIVE_INFINITY;
    return Math.max(this.#ledger.predecessorsEndMs(), formerEndMs);
  }
}
