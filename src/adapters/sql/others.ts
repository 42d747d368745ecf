/**
 * Others that write the same database: they are told what was changed here, and tell what they
 * changed. Hints only; see `src/ports/hints.ts`.
 */
import { Hints } from '../../ports/hints.ts';
import type { OccurrenceRef } from '../../ports/launch-store.ts';

export type SharedChange =
  | { readonly kind: 'policies' }
  | { readonly kind: 'test-run'; readonly id: string }
  | { readonly kind: 'occurrences'; readonly refs: readonly OccurrenceRef[] };

/** `missed`: for a while nothing was heard. */
export type Heard = SharedChange | { readonly kind: 'missed' };

export interface Others {
  /** Returns at once; whether anybody hears it is not known. */
  tell(change: SharedChange): void;
  onHeard(listener: (change: Heard) => void): void;
  close(): Promise<void>;
}

export const NO_OTHERS: Others = { tell: () => {}, onHeard: () => {}, close: async () => {} };

/** Hints that go to others too, and that others give. */
export class SharedHints<About> extends Hints<About> {
  readonly #share: (about: About) => void;

  constructor(share: (about: About) => void) {
    super();
    this.#share = share;
  }

  override tell(about: About): void {
    super.tell(about);
    this.#share(about);
  }

  heard(about: About): void {
    super.tell(about);
  }
}
