/**
 * Who leads, as one process may claim it.
 */

export type LeadershipState =
  /**
   * `untilMs` is by the steady clock of the `Time` given: from then on another may lead. It
   * moves on with each renewal; nothing may take effect after it unless it has moved.
   */
  | { readonly kind: 'leading'; readonly sinceMs: number; readonly untilMs: number }
  /** `leader` is the identity in the lease while that is alive, as far as we know. */
  | { readonly kind: 'following'; readonly leader: string | null };

export interface Leadership {
  readonly identity: string;
  /** Computed when asked: a process that was stopped for a minute does not lead when it goes on. */
  state(): LeadershipState;
  /** Called when the kind of `state()` or the leader followed changes; returns the unsubscriber. */
  onChange(listener: () => void): () => void;
  /** Stops claiming at once, then gives the lease back if it was held, so that another need not wait. */
  close(): Promise<void>;
}
