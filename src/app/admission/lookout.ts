/**
 * Looks at the engine and the capacity source.
 *
 * Always true: what it shows never gets older, since an observation with a lower revision
 * than the last one used is dropped and the last one shown again; and pools are never
 * guessed, since without a reading the last known ones are shown, all in doubt.
 */
import type { RunId } from '../../core/model/run.ts';
import type { Pool } from '../../core/model/snapshot.ts';
import type { CapacitySource } from '../../ports/capacity.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Engine, Observation, ObservedRun, ObserveOptions } from '../../ports/engine.ts';
import type { AdmissionSettings } from '../settings.ts';
import { boundedWait, errorText } from './bounded-wait.ts';
import { poolsFrom, poolsInDoubt } from './capacity.ts';
import type { Doubts } from './doubts.ts';
import { RunIndex } from './run-index.ts';

/** Listing 50,000 runs from a busy API server takes half a minute. */
const OBSERVE_LIMIT_MS = 60_000;
const CAPACITY_LIMIT_MS = 10_000;

export interface Sight {
  readonly observation: Observation;
  /** Of this look: it changes with the next one. */
  readonly runs: ReadonlyMap<string, ObservedRun>;
  /** When this observation was asked for, if it was asked for fresh; null for any other. */
  readonly freshSinceMs: number | null;
  /** The same of one run: it may have been asked for fresh by itself. */
  readonly freshOfSinceMs: (runId: RunId) => number | null;
  /** Null while capacity was never read. */
  readonly pools: readonly Pool[] | null;
}

export class Lookout {
  readonly #engine: Engine;
  readonly #capacity: CapacitySource;
  readonly #clock: Clock;
  readonly #settings: AdmissionSettings;
  readonly #doubts: Doubts;
  readonly #runs = new RunIndex();
  #last: { readonly observation: Observation; readonly runs: ReadonlyMap<string, ObservedRun> } | null = null;
  #pools: readonly Pool[] | null = null;
  #droppedOlder = false;

  constructor(parts: {
    readonly engine: Engine;
    readonly capacity: CapacitySource;
    readonly clock: Clock;
    readonly settings: AdmissionSettings;
    readonly doubts: Doubts;
  }) {
    this.#engine = parts.engine;
    this.#capacity = parts.capacity;
    this.#clock = parts.clock;
    this.#settings = parts.settings;
    this.#doubts = parts.doubts;
  }

  /** Null when the engine cannot be seen; the doubt is raised then. The first look is always fresh. */
  async look(options: Required<ObserveOptions>): Promise<Sight | null> {
    const fresh = options.fresh || this.#last === null || this.#droppedOlder;
    const freshOf = new Set(options.freshOf);
    const askedAtMs = this.#clock.nowMs();
    const asked = fresh || freshOf.size === 0 ? { fresh } : { fresh, freshOf: options.freshOf };
    const [seen, pools] = await Promise.all([this.#observe(asked), this.#readPools()]);
    this.#pools = pools;
    if (seen === null) return null;
    const older = this.#last !== null && seen.revision < this.#last.observation.revision;
    this.#droppedOlder = older;
    if (older && fresh) {
      this.#doubts.raise('engine', 'a fresh observation is older than one used before');
      return null;
    }
    this.#doubts.clear('engine');
    if (this.#last === null || (!older && seen !== this.#last.observation)) {
      this.#last = { observation: seen, runs: this.#runs.follow(seen.runs) };
    }
    const freshOfSinceMs = (id: RunId) => (fresh || (freshOf.has(id) && !older) ? askedAtMs : null);
    return { ...this.#last, pools, freshSinceMs: fresh ? askedAtMs : null, freshOfSinceMs };
  }

  async #observe(options: ObserveOptions): Promise<Observation | null> {
    try {
      return await boundedWait(
        { clock: this.#clock, limitMs: OBSERVE_LIMIT_MS, what: 'The engine' },
        (signal) => this.#engine.observe(options, signal),
      );
    } catch (error) {
      this.#doubts.raise('engine', error);
      return null;
    }
  }

  async #readPools(): Promise<readonly Pool[] | null> {
    try {
      const reading = await boundedWait(
        { clock: this.#clock, limitMs: CAPACITY_LIMIT_MS, what: 'The capacity source' },
        (signal) => this.#capacity.read(signal),
      );
      this.#doubts.clear('capacity');
      return poolsFrom({ reading, known: this.#pools ?? [], settings: this.#settings });
    } catch (error) {
      this.#doubts.raise('capacity', error);
      return this.#pools && poolsInDoubt(this.#pools, `capacity cannot be read: ${errorText(error)}`);
    }
  }
}
