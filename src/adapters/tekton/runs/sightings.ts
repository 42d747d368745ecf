/**
 * What the engine shows of the runs it sees, as one observation.
 *
 * Always true: the revision grows with every change, also over restarts; a run that ended is
 * shown until history has it, also when its object was pruned in the meantime; an unchanged
 * run is the same object from one observation to the next.
 */
import type { RunId } from '../../../core/model/run.ts';
import type { Observation, ObservedRun } from '../../../ports/engine.ts';
import type { EndedRun, Measured } from '../profile/run-measures.ts';
import type { SeenNamespace } from '../seen-namespace.ts';
import { observedRun, type Placing } from './observed-run.ts';
import type { SeenRun } from './seen-run.ts';
import { tenantHints } from './tenant-hints.ts';

/** Runs pruned before history could be written; more than these are dropped, the oldest first. */
const DEPARTED_MAX = 20_000;
/** Revisions begin at the time of day, so that they grow over restarts. */
const REVISIONS_PER_MS = 1_000;

export interface Namespaces {
  get(name: string): SeenNamespace | undefined;
  all(): Iterable<SeenNamespace>;
}

export interface SightingsParts {
  readonly placing: Placing;
  readonly nowMs: number;
  /** What is known of a run that has ended. */
  readonly measured: (run: EndedRun) => Measured;
}

interface Sighting {
  readonly namespace: SeenNamespace | undefined;
  readonly observed: ObservedRun | null;
}

export class Sightings {
  readonly #parts: SightingsParts;
  readonly #sightings = new WeakMap<SeenRun, Sighting>();
  readonly #departed = new Map<RunId, ObservedRun>();
  readonly #forgotten = new Set<RunId>();
  #revision: number;
  #shown: { readonly versions: string; readonly observation: Observation } | null = null;
  #changes = 0;

  constructor(parts: SightingsParts) {
    this.#parts = parts;
    this.#revision = parts.nowMs * REVISIONS_PER_MS;
  }

  /** `versions` says which state of the parts this is: the same again gives the same observation. */
  observation(runs: ReadonlyMap<string, SeenRun>, namespaces: Namespaces, versions: string): Observation {
    const state = `${versions} ${this.#changes}`;
    if (this.#shown?.versions === state) return this.#shown.observation;
    const shown: ObservedRun[] = [...this.#departed.values()];
    let name: string | null = null;
    let namespace: SeenNamespace | undefined;
    for (const run of runs.values()) {
      if (this.#forgotten.has(run.id)) continue;
      if (run.namespace !== name) {
        name = run.namespace;
        namespace = namespaces.get(name);
      }
      const observed = this.#observed(run, namespace);
      if (observed !== null) shown.push(observed);
    }
    this.#revision += 1;
    const tenants = tenantHints(namespaces.all(), this.#parts.placing.tenantOf);
    const observation = { revision: this.#revision, runs: shown, tenants };
    this.#shown = { versions: state, observation };
    return observation;
  }

  /** Its object is gone. One that had ended is shown on, until it is forgotten. */
  removed(run: SeenRun, namespace: SeenNamespace | undefined): void {
    if (this.#forgotten.delete(run.id) || run.ending === null) return;
    const observed = this.#observed(run, namespace);
    if (observed === null) return;
    this.#departed.set(observed.id, observed);
    const [oldest] = this.#departed.keys();
    if (this.#departed.size > DEPARTED_MAX && oldest !== undefined) this.#departed.delete(oldest);
    this.#changes += 1;
  }

  /** History has it for good. `there`: its object, if there still is one. */
  forget(id: RunId, there: SeenRun | null): void {
    if (there !== null) {
      this.#forgotten.add(id);
      this.#sightings.delete(there);
    }
    this.#departed.delete(id);
    this.#changes += 1;
  }

  #observed(run: SeenRun, namespace: SeenNamespace | undefined): ObservedRun | null {
    const known = this.#sightings.get(run);
    if (known !== undefined && known.namespace === namespace) return known.observed;
    const observed = this.#withMeasured(run, observedRun(run, namespace, this.#parts.placing));
    this.#sightings.set(run, { namespace, observed });
    return observed;
  }

  #withMeasured({ uid }: SeenRun, observed: ObservedRun | null): ObservedRun | null {
    if (observed === null || observed.result === null) return observed;
    const { startedAtMs, finishedAtMs } = observed;
    const measured = this.#parts.measured({ uid, startedAtMs, endedAtMs: finishedAtMs });
    return { ...observed, result: { ...observed.result, ...measured } };
  }
}
