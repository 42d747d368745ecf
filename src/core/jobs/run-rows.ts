/**
 * The runs of a snapshot as rows of a job. Runs of one pipeline are alike in all but their ids
 * and moments, and copying an object from thread to thread costs more than most of what is
 * done with it; so what they have in common goes over once, and the rest in columns.
 *
 * Always true: `runsOf` gives the very runs that `runRows` was given, in their order.
 */
import type { RunId } from '../model/run.ts';
import type { ActiveRun, HeldRun, Snapshot } from '../model/snapshot.ts';

/** A run without its id and moment; no priority where it is active. */
type Likeness = Omit<ActiveRun, 'id' | 'sinceMs'> & { readonly priority: string | null };

/** Some runs, each with its likeness by number, in the order in which likenesses were told. */
interface Columns {
  readonly ids: readonly RunId[];
  readonly likenesses: readonly number[];
  readonly sinceMs: readonly number[];
}

export type RunRow =
  | { readonly kind: 'likeness'; readonly likeness: Likeness }
  | ({ readonly kind: 'held' | 'active' } & Columns);

/** Rows are sent some hundreds at a time. */
const RUNS_PER_ROW = 20;

export function* runRows({ held, active }: Pick<Snapshot, 'held' | 'active'>): Generator<RunRow> {
  const likenesses = new Likenesses();
  yield* rowsOf('held', held, likenesses);
  yield* rowsOf('active', active, likenesses);
}

function* rowsOf(
  kind: 'held' | 'active',
  runs: readonly (HeldRun | ActiveRun)[],
  likenesses: Likenesses,
): Generator<RunRow> {
  for (let from = 0; from < runs.length; from += RUNS_PER_ROW) {
    const some = runs.slice(from, from + RUNS_PER_ROW);
    const numbers = some.map((run) => likenesses.numberOf(run, 'priority' in run ? run.priority : null));
    yield* likenesses.news();
    const sinceMs = some.map((run) => ('heldSinceMs' in run ? run.heldSinceMs : run.sinceMs));
    yield { kind, ids: some.map((run) => run.id), likenesses: numbers, sinceMs };
  }
}

export function runsOf(rows: Iterable<RunRow>): {
  readonly held: readonly HeldRun[];
  readonly active: readonly ActiveRun[];
} {
  const likenesses: Likeness[] = [];
  const held: HeldRun[] = [];
  const active: ActiveRun[] = [];
  for (const row of rows) {
    if (row.kind === 'likeness') {
      likenesses.push(row.likeness);
      continue;
    }
    row.ids.forEach((id, nth) => {
      const { priority, ...likeness } = likenesses[row.likenesses[nth] as number] as Likeness;
      const sinceMs = row.sinceMs[nth] as number;
      if (row.kind === 'active') active.push({ id, sinceMs, ...likeness });
      else held.push({ id, heldSinceMs: sinceMs, priority: priority ?? '', ...likeness });
    });
  }
  return { held, active };
}

class Likenesses {
  readonly #numbers = new Map<string, number>();
  readonly #objects = new Map<object, number>();
  #untold: Likeness[] = [];

  numberOf(run: HeldRun | ActiveRun, priority: string | null): number {
    const { project, tenant, contentHash, timeoutMs, requests, estimate } = run;
    const objects = `${this.#objectNumber(requests)} ${this.#objectNumber(estimate)} ${timeoutMs}`;
    const key = `${project}\n${tenant}\n${contentHash}\n${priority === null ? '' : `=${priority}`}\n${objects}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    this.#numbers.set(key, number);
    this.#untold.push({ project, tenant, contentHash, priority, requests, estimate, timeoutMs });
    return number;
  }

  *news(): Generator<RunRow> {
    for (const likeness of this.#untold) yield { kind: 'likeness', likeness };
    this.#untold = [];
  }

  /** Equal objects are usually one; where they are not, there are more likenesses than need be. */
  #objectNumber(object: object): number {
    const known = this.#objects.get(object);
    if (known !== undefined) return known;
    this.#objects.set(object, this.#objects.size);
    return this.#objects.size - 1;
  }
}
