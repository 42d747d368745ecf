/**
 * The use of one pool over time, from who ran when: its peak, how long it was above its size,
 * how much stood idle while somebody waited for it, and a line of means for a picture.
 *
 * Always true: exact sums over the steps between starts and ends; a run that ends when
 * another starts is not counted with it.
 */
import type { PastRun, Spans, TimeWindow } from './past-run.ts';

export interface PoolUse {
  readonly peak: number;
  /** How long more was in use than there is. */
  readonly overMs: number;
  /** Use in the mean over the window, as a share of the size; null for a size of 0. */
  readonly meanShare: number | null;
  /** Unit-milliseconds that were free while a run that asks for the pool waited. */
  readonly idleWhileWaitingMs: number;
  /** Mean use in each of the equal steps of the window. */
  readonly line: readonly number[];
}

interface Change {
  readonly atMs: number;
  /** Of what is in use, and of the units that are waited for. */
  readonly used: number;
  readonly waiting: number;
}

export interface PoolUseInput {
  readonly pool: { readonly name: string; readonly size: number };
  readonly runs: readonly PastRun[];
  readonly spans: Spans;
  readonly window: TimeWindow;
  readonly steps: number;
}

export function poolUse({ pool, runs, spans, window, steps }: PoolUseInput): PoolUse {
  const { fromMs, toMs } = window;
  const sums = { peak: 0, overMs: 0, usedMs: 0, idleMs: 0 };
  const stepMs = Math.max(1, (toMs - fromMs) / steps);
  const line = new Float64Array(steps);
  eachStretch(changesOf(pool.name, runs, spans), window, ({ startMs, endMs, used, waiting }) => {
    const lengthMs = endMs - startMs;
    sums.peak = Math.max(sums.peak, used);
    sums.usedMs += used * lengthMs;
    if (used > pool.size) sums.overMs += lengthMs;
    sums.idleMs += lengthMs * Math.min(waiting, Math.max(0, pool.size - used));
    spread(line, { fromMs, stepMs, startMs, endMs }, used);
  });
  const wholeMs = pool.size * (toMs - fromMs);
  return {
    peak: sums.peak,
    overMs: sums.overMs,
    meanShare: wholeMs > 0 ? sums.usedMs / wholeMs : null,
    idleWhileWaitingMs: sums.idleMs,
    line: [...line].map((usedMs) => usedMs / stepMs),
  };
}

/** The stretches of time in which more was in use than there is, in order. */
export function overused(input: Omit<PoolUseInput, 'steps'>): readonly TimeWindow[] {
  const over: TimeWindow[] = [];
  const { pool, runs, spans, window } = input;
  eachStretch(changesOf(pool.name, runs, spans), window, ({ startMs, endMs, used }) => {
    if (used > pool.size) over.push({ fromMs: startMs, toMs: endMs });
  });
  return over;
}

function changesOf(pool: string, runs: readonly PastRun[], spans: Spans): readonly Change[] {
  const changes: Change[] = [];
  for (const run of runs) {
    const units = run.requests[pool];
    if (units === undefined) continue;
    const span = spans.get(run.id);
    const waitsUntilMs = span?.startMs ?? run.finishedAtMs;
    if (waitsUntilMs > run.heldSinceMs) {
      changes.push({ atMs: run.heldSinceMs, used: 0, waiting: units });
      changes.push({ atMs: waitsUntilMs, used: 0, waiting: -units });
    }
    if (span === undefined) continue;
    changes.push({ atMs: span.startMs, used: units, waiting: 0 });
    changes.push({ atMs: span.endMs, used: -units, waiting: 0 });
  }
  return changes.sort((a, b) => a.atMs - b.atMs);
}

interface Stretch {
  readonly startMs: number;
  readonly endMs: number;
  readonly used: number;
  readonly waiting: number;
}

/** All stretches of the window in which nothing changes; everything of one instant is applied first. */
function eachStretch(
  changes: readonly Change[],
  { fromMs, toMs }: TimeWindow,
  visit: (stretch: Stretch) => void,
): void {
  let used = 0;
  let waiting = 0;
  let startMs = fromMs;
  for (const change of changes) {
    const endMs = Math.min(change.atMs, toMs);
    if (endMs > startMs) {
      visit({ startMs, endMs, used, waiting });
      startMs = endMs;
    }
    used += change.used;
    waiting += change.waiting;
  }
  if (toMs > startMs) visit({ startMs, endMs: toMs, used, waiting });
}

function spread(
  line: Float64Array,
  at: { readonly fromMs: number; readonly stepMs: number; readonly startMs: number; readonly endMs: number },
  used: number,
): void {
  const { fromMs, stepMs, startMs, endMs } = at;
  const last = Math.min(line.length - 1, Math.floor((endMs - fromMs) / stepMs));
  for (let step = Math.floor((startMs - fromMs) / stepMs); step <= last; step += 1) {
    const stepFromMs = fromMs + step * stepMs;
    const sharedMs = Math.min(endMs, stepFromMs + stepMs) - Math.max(startMs, stepFromMs);
    line[step] = (line[step] as number) + used * Math.max(0, sharedMs);
  }
}
