/**
 * The forecast of a queue, computed by workers: batches of 100 replications, whatever the
 * number of workers, then the runs in groups.
 *
 * Always true: the same input gives the same bytes as `forecastQueue` on one thread; the
 * thread that asks sends, waits and puts together, a few milliseconds at a time.
 */
import { portable } from '../../core/duration/learned-model.ts';
import { type Series, seriesKey } from '../../core/duration/model.ts';
import { assemble } from '../../core/forecast/assemble.ts';
import { NOTHING_NEW } from '../../core/forecast/coming.ts';
import { checkedCells, type ForecastInput } from '../../core/forecast/forecast.ts';
import type { QueueAnswer, QueueHead, QueueRequest, QueueRow } from '../../core/forecast/queue-job.ts';
import { COLUMN_VALUES } from '../../core/forecast/summary.ts';
import { bandOf } from '../../core/forecast/timeline.ts';
import { noTotals, TOTALS, type Totals } from '../../core/forecast/totals.ts';
import type { QueueForecast } from '../../core/forecast/types.ts';
import type { JobInput } from '../../core/jobs/job.ts';
import { runRows } from '../../core/jobs/run-rows.ts';
import type { Clock } from '../../ports/clock.ts';
import type { OpenJob, Workers } from '../../ports/workers.ts';
import { inOrder } from './in-order.ts';
import { inSteps } from './same-thread.ts';

export const REPLICATIONS_PER_BATCH = 100;
/** Runs summarised at once: of a short queue so many that several threads have something to do. */
const RUNS_PER_GROUP = 1_000;
const GROUPS_MIN = 6;
const BYTES = Float64Array.BYTES_PER_ELEMENT;

export interface ForecastParts {
  readonly workers: Workers;
  readonly clock: Clock;
  /** Rejects the forecast with its reason; what is computed already is thrown away. */
  readonly signal?: AbortSignal | undefined;
  /** Told after each batch. */
  readonly onProgress?: (done: number, of: number) => void;
}

export async function computeForecast(input: ForecastInput, parts: ForecastParts): Promise<QueueForecast> {
  const { signal, workers } = parts;
  signal?.throwIfAborted();
  const job = workers.open('queue-forecast', queueJobInput(input));
  const stop = (): void => job.close();
  signal?.addEventListener('abort', stop);
  try {
    return await new Computation(input, parts, job).run();
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
    job.close();
  }
}

type Answer<K extends QueueAnswer['kind']> = Extract<QueueAnswer, { readonly kind: K }>;

class Computation {
  readonly #input: ForecastInput;
  readonly #parts: ForecastParts;
  readonly #job: OpenJob<'queue-forecast'>;

  constructor(input: ForecastInput, parts: ForecastParts, job: OpenJob<'queue-forecast'>) {
    this.#input = input;
    this.#parts = parts;
    this.#job = job;
  }

  async run(): Promise<QueueForecast> {
    const { snapshot, replications, seed } = this.#input;
    const { totals, overran } = await this.#replicate();
    const runs = overran.length;
    const toMs = Math.round(bandOf(totals.finish).p90 + snapshot.nowMs);
    const [columns, { listing, seriesCount }, { points }] = await Promise.all([
      this.#columns(runs),
      this.#ask('list', { kind: 'list' }),
      this.#ask('timeline', { kind: 'timeline', toMs, replications }),
    ]);
    const steps = assemble({
      snapshot,
      replications,
      seed,
      assumption: (this.#input.coming ?? NOTHING_NEW).assumption,
      totals,
      columns,
      overran,
      listing,
      timeline: points,
      seriesCount,
    });
    return inSteps(this.#parts.clock, steps);
  }

  async #replicate(): Promise<{ readonly totals: Totals; readonly overran: Int32Array }> {
    const { replications } = this.#input;
    const totals = noTotals(replications);
    let overran: Int32Array | null = null;
    let done = 0;
    const { parallelism } = this.#parts.workers;
    for await (const batch of inOrder(this.#job, batches(replications), parallelism)) {
      const answer = batch as Answer<'replicate'>;
      for (const name of TOTALS) totals[name].set(answer.totals[name], done);
      overran = overran === null ? answer.overran : sum(overran, answer.overran);
      done += answer.totals.finish.length;
      this.#parts.onProgress?.(done, replications);
    }
    return { totals, overran: overran ?? new Int32Array(0) };
  }

  async #columns(runs: number): Promise<Float64Array> {
    const { replications } = this.#input;
    const values = new Float64Array(runs * COLUMN_VALUES);
    const each = Math.max(1, Math.min(RUNS_PER_GROUP, Math.ceil(runs / GROUPS_MIN)));
    const groups = Array.from({ length: Math.ceil(runs / each) }, (_, nth) => {
      const from = nth * each;
      return { kind: 'columns', from, to: from + each, replications } as const;
    });
    let at = 0;
    for await (const group of inOrder(this.#job, groups, this.#parts.workers.parallelism)) {
      const answer = group as Answer<'columns'>;
      values.set(answer.values, at);
      at += answer.values.length;
    }
    return values;
  }

  async #ask<K extends QueueAnswer['kind']>(_: K, request: QueueRequest & { kind: K }): Promise<Answer<K>> {
    return (await this.#job.ask(request)) as Answer<K>;
  }
}

function* batches(replications: number): Generator<QueueRequest> {
  for (let from = 0; from < replications; from += REPLICATIONS_PER_BATCH) {
    yield { kind: 'replicate', from, to: Math.min(replications, from + REPLICATIONS_PER_BATCH) };
  }
}

function sum(into: Int32Array, more: Int32Array): Int32Array {
  for (let at = 0; at < into.length; at += 1) into[at] = (into[at] as number) + (more[at] as number);
  return into;
}

export function queueJobInput(input: ForecastInput): JobInput<QueueHead, QueueRow> {
  const { snapshot, model, replications, seed } = input;
  const { futures, usual } = input.coming ?? NOTHING_NEW;
  const { held, active, ...rest } = snapshot;
  const all = [...held, ...futures.flat()];
  const cells = checkedCells(held.length + active.length, replications);
  const taken = portable(model);
  return {
    head: {
      snapshot: rest,
      model: taken.head,
      seed,
      startLatencyMs: input.startLatencyMs ?? 0,
      held: held.length,
      coming: futures.map((runs) => runs.length),
      usual: usual === null ? null : { sinceMs: usual.sinceMs, futures: usual.futures, most: usual.most },
      startMs: new SharedArrayBuffer(cells * BYTES),
      endMs: new SharedArrayBuffer(cells * BYTES),
    },
    rows: { [Symbol.iterator]: rows },
  };

  function* rows(): Generator<QueueRow> {
    const seen = new Set<string>();
    const series = function* (run: Series): Generator<QueueRow> {
      const name = `${run.tenant}\n${seriesKey(run)}`;
      if (!seen.has(name)) yield { kind: 'series', row: taken.rowOf(run) };
      seen.add(name);
    };
    for (const row of runRows({ held: all, active })) {
      yield row;
      if (row.kind === 'likeness') yield* series(row.likeness);
    }
    for (const run of usual?.past ?? []) {
      yield { kind: 'past', run };
      yield* series(run);
    }
  }
}
