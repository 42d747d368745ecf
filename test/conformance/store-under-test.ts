/** What a store brings to its conformance suite. */
import type { Store } from '../../src/ports/store.ts';

export interface StoreUnderTest {
  readonly store: Store;
  /** Closes the store and opens the same data again, as a restart does. */
  reopen(): Promise<Store>;
  dispose(): Promise<void>;
}

/** The store of the test that runs now. */
export type StoreContext = () => {
  readonly store: Store;
  readonly reopen: () => Promise<Store>;
};
