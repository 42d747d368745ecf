/**
 * How long runs waited, really and under Penstock, side by side: in all, and by tenant,
 * priority and pool. Compared are the runs that start both ways.
 */
import type { RunId } from '../model/run.ts';
import { mean, quantile } from '../stats/quantile.ts';
import type { PastRun, Spans } from './past-run.ts';

export interface WaitFigures {
  readonly meanMs: number;
  readonly medianMs: number;
  readonly p90Ms: number;
  readonly longestMs: number;
}

export interface WaitRow {
  /** Of the tenant, priority or pool; empty for all together. */
  readonly name: string;
  readonly runs: number;
  readonly real: WaitFigures;
  readonly penstock: WaitFigures;
}

/** One run, both ways. */
export interface ComparedRun {
  readonly run: PastRun;
  readonly realStartMs: number;
  readonly penstockStartMs: number;
  readonly realWaitMs: number;
  readonly penstockWaitMs: number;
}

export function comparedRuns(runs: readonly PastRun[], real: Spans, penstock: Spans): readonly ComparedRun[] {
  return runs.flatMap((run) => {
    const was = real.get(run.id);
    const would = penstock.get(run.id);
    if (was === undefined || would === undefined) return [];
    const waitMs = (startMs: number): number => Math.max(0, startMs - run.heldSinceMs);
    return [
      {
        run,
        realStartMs: was.startMs,
        penstockStartMs: would.startMs,
        realWaitMs: waitMs(was.startMs),
        penstockWaitMs: waitMs(would.startMs),
      },
    ];
  });
}

/** Null without a run. */
export function waitsOfAll(compared: readonly ComparedRun[]): WaitRow | null {
  return compared.length === 0 ? null : waitRow('', compared);
}

/** Of those with most runs first; a run that has several names counts under each. */
export function waitsBy(
  compared: readonly ComparedRun[],
  namesOf: (run: PastRun) => readonly string[],
  most: number,
): readonly WaitRow[] {
  const groups = new Map<string, ComparedRun[]>();
  for (const one of compared) {
    for (const name of namesOf(one.run)) {
      const group = groups.get(name);
      if (group === undefined) groups.set(name, [one]);
      else group.push(one);
    }
  }
  return [...groups]
    .sort(([a, left], [b, right]) => right.length - left.length || (a < b ? -1 : 1))
    .slice(0, most)
    .map(([name, group]) => waitRow(name, group));
}

function waitRow(name: string, compared: readonly ComparedRun[]): WaitRow {
  return {
    name,
    runs: compared.length,
    real: figures(compared.map((one) => one.realWaitMs)),
    penstock: figures(compared.map((one) => one.penstockWaitMs)),
  };
}

function figures(waitsMs: readonly number[]): WaitFigures {
  const sorted = Float64Array.from(waitsMs).sort();
  return {
    meanMs: mean(waitsMs),
    medianMs: quantile(sorted, 0.5),
    p90Ms: quantile(sorted, 0.9),
    longestMs: sorted[sorted.length - 1] as number,
  };
}

/** A difference nobody notices, and clocks that tell whole seconds. */
const SAME_MS = 1_000;

export interface RunChange {
  readonly id: RunId;
  readonly tenant: string;
  readonly realStartMs: number;
  readonly penstockStartMs: number;
  /** Above 0: Penstock would have started it sooner by so much. */
  readonly soonerMs: number;
}

export interface Changes {
  readonly runs: number;
  readonly totalMs: number;
  /** The largest first. */
  readonly largest: readonly RunChange[];
}

export interface GainsAndLosses {
  readonly sooner: Changes;
  readonly later: Changes;
  /** Within a second of each other. */
  readonly same: number;
}

export function gainsAndLosses(compared: readonly ComparedRun[], named: number): GainsAndLosses {
  const changes = compared.map(
    ({ run, realStartMs, penstockStartMs }): RunChange => ({
      id: run.id,
      tenant: run.tenant,
      realStartMs,
      penstockStartMs,
      soonerMs: realStartMs - penstockStartMs,
    }),
  );
  const sooner = changes.filter((one) => one.soonerMs > SAME_MS).sort((a, b) => bySize(a, b));
  const later = changes.filter((one) => one.soonerMs < -SAME_MS).sort((a, b) => bySize(a, b));
  return {
    sooner: changesOf(sooner, named),
    later: changesOf(later, named),
    same: changes.length - sooner.length - later.length,
  };
}

function bySize(a: RunChange, b: RunChange): number {
  return Math.abs(b.soonerMs) - Math.abs(a.soonerMs) || (a.id < b.id ? -1 : 1);
}

function changesOf(changes: readonly RunChange[], named: number): Changes {
  const totalMs = changes.reduce((sum, { soonerMs }) => sum + Math.abs(soonerMs), 0);
  return { runs: changes.length, totalMs, largest: changes.slice(0, named) };
}
