/**
 * Held runs from one pass to the next: of thousands that wait, few change, and making all of
 * them anew costs more than the decision.
 *
 * Always true: a held run is that of the very observed run it is kept for, with an estimate
 * of the model followed last.
 */
import type { Series } from '../../core/duration/model.ts';
import type { Estimate } from '../../core/model/run.ts';
import type { HeldRun } from '../../core/model/snapshot.ts';
import type { ObservedRun } from '../../ports/engine.ts';
import { heldRun } from './build-snapshot.ts';

export class HeldRuns {
  #model: unknown = null;
  #known = new WeakMap<ObservedRun, HeldRun>();

  /** To be called before each pass. `model`: where estimates come from, another object when they may differ. */
  follow(model: unknown): void {
    if (model === this.#model) return;
    this.#model = model;
    this.#known = new WeakMap();
  }

  of(run: ObservedRun, estimateOf: (series: Series) => Estimate): HeldRun {
    const known = this.#known.get(run);
    if (known !== undefined) return known;
    const made = heldRun(run, { estimateOf });
    this.#known.set(run, made);
    return made;
  }
}
