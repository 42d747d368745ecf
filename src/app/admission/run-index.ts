/**
 * The runs of the last observation by id. Of thousands few change from one to the next, so
 * what is the same at both ends of the list is passed over.
 *
 * Always true: after `follow` it holds exactly the runs given. It is one map, which changes
 * with the next call.
 */
import type { ObservedRun } from '../../ports/engine.ts';

export class RunIndex {
  readonly #byId = new Map<string, ObservedRun>();
  #runs: readonly ObservedRun[] = [];

  follow(runs: readonly ObservedRun[]): ReadonlyMap<string, ObservedRun> {
    const before = this.#runs;
    let from = 0;
    while (from < runs.length && runs[from] === before[from] && from < before.length) from += 1;
    let end = 0;
    const shorter = Math.min(runs.length, before.length) - from;
    while (end < shorter && runs[runs.length - 1 - end] === before[before.length - 1 - end]) end += 1;
    for (let at = from; at < before.length - end; at += 1) this.#byId.delete((before[at] as ObservedRun).id);
    for (let at = from; at < runs.length - end; at += 1) {
      const run = runs[at] as ObservedRun;
      this.#byId.set(run.id, run);
    }
    this.#runs = runs;
    return this.#byId;
  }
}
