/**
 * What has become of a batch of the demo's runs so far, kept up to date by what Penstock
 * reports. Counting only: whoever asks gets numbers, nothing here decides.
 */
import type { AdmissionEvent } from '../../app/admission/events.ts';
import type { RunView } from '../../app/views.ts';
import { OUTCOMES, type Outcome, type RunId } from '../../core/model/run.ts';
import type { FinishedRun } from '../../ports/store.ts';

/** A run of the demo that has ended: what the forecast needs of it, and the report. */
export type EndedRun = Pick<
  FinishedRun,
  | 'id'
  | 'project'
  | 'tenant'
  | 'contentHash'
  | 'heldSinceMs'
  | 'startedAtMs'
  | 'finishedAtMs'
  | 'outcome'
  | 'usage'
>;

export interface Counts {
  readonly total: number;
  readonly finished: number;
  readonly running: number;
  readonly waiting: number;
  readonly outcomes: Readonly<Record<Outcome, number>>;
}

export class Tally {
  readonly #ids: ReadonlySet<RunId>;
  readonly #finished = new Map<RunId, EndedRun>();
  #running = 0;
  #complete: () => void = () => {};
  /** Resolves when history has every run of the batch. */
  readonly complete: Promise<void>;

  constructor(ids: readonly RunId[]) {
    this.#ids = new Set(ids);
    this.complete = new Promise((resolve) => {
      this.#complete = resolve;
    });
  }

  hear(event: AdmissionEvent): void {
    if (event.kind === 'pass-finished') this.#running = event.running + event.starting;
    if (event.kind === 'run-finished') this.add(event.run);
  }

  has(id: RunId): boolean {
    return this.#ids.has(id);
  }

  /** Also for runs that history had before; hearing of one twice changes nothing. */
  add(run: FinishedRun | RunView): void {
    const { outcome, finishedAtMs } = run;
    if (!this.#ids.has(run.id) || outcome === null || finishedAtMs === null) return;
    this.#finished.set(run.id, { ...run, outcome, finishedAtMs });
    if (this.#finished.size === this.#ids.size) this.#complete();
  }

  runs(): readonly EndedRun[] {
    return [...this.#finished.values()];
  }

  counts(): Counts {
    const runs = this.runs();
    const count = (outcome: Outcome): number => runs.filter((run) => run.outcome === outcome).length;
    const unfinished = this.#ids.size - runs.length;
    const running = Math.min(this.#running, unfinished);
    return {
      total: this.#ids.size,
      finished: runs.length,
      running,
      waiting: unfinished - running,
      outcomes: Object.fromEntries(
        OUTCOMES.map((outcome) => [outcome, count(outcome)]),
      ) as Counts['outcomes'],
    };
  }
}
