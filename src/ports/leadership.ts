/**
 * Leadership: which of several processes on the same engine may start runs. Where there is
 * only one it always leads (`soleLeadership`).
 *
 * Always true of an implementation: from the instant `untilMs` of one leader until another
 * process says that it leads, nobody leads; so a leader that asks for nothing that could take
 * effect after `untilMs` never acts beside another.
 */
export type Standing =
  | {
      readonly kind: 'leading';
      /** Another number each time leadership is won. */
      readonly term: number;
      /** In whole milliseconds. Nothing asked for may take effect after this, unless it has moved on by then. Infinity: for good. */
      readonly untilMs: number;
      /** From then on no start that a former leader asked for can take effect any more. */
      readonly formerEndMs: number;
    }
  /** `leader` names who leads, as far as is known. */
  | { readonly kind: 'following'; readonly leader: string | null };

export interface Leadership {
  /** Cheap: asked in every pass and before every start request. */
  standing(): Standing;
  /** Calls `listener` when it was won, lost, or another leader was seen. Returns the unsubscriber. */
  onChange(listener: () => void): () => void;
  /** Gives leadership up, so that another need not wait. */
  close(): Promise<void>;
}

export const soleLeadership: Leadership = {
  standing: () => ({
    kind: 'leading',
    term: 1,
    untilMs: Number.POSITIVE_INFINITY,
    formerEndMs: Number.NEGATIVE_INFINITY,
  }),
  onChange: () => () => {},
  close: async () => {},
};
