/** Gives the event loop its turn in the midst of long work, so that nobody else waits for it. */
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Others wait no longer than this, plus one object. */
const TURN_MS = 4;

export class Turns {
  #busyMs = 0;

  /** `work` is a piece of it; what is done before the next turn adds up. */
  async *each<Piece>(pieces: Iterable<Piece>): AsyncGenerator<Piece> {
    let startMs = performance.now();
    for (const piece of pieces) {
      yield piece;
      const nowMs = performance.now();
      this.#busyMs += nowMs - startMs;
      startMs = nowMs;
      if (this.#busyMs < TURN_MS) continue;
      await nextTurn();
      this.#busyMs = 0;
      startMs = performance.now();
    }
  }
}
