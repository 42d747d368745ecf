/**
 * The finished runs of a window of time out of the store, and the samples from before it.
 *
 * Always true: bounded; when there are more runs than that, the newest count, and the window
 * begins where what was read is complete.
 */
import type { DurationSample } from '../../core/duration/model.ts';
import type { TimeWindow } from '../../core/replay/past-run.ts';
import type { ListedRun, Store } from '../../ports/store.ts';
import { SAMPLES_IN_ALL, SAMPLES_PER_SERIES } from '../admission/durations.ts';

/** Some seconds of replay and reading. */
export const RUNS_MAX = 10_000;
const PAGE = 1_000;

export interface PastWindow {
  readonly window: TimeWindow;
  readonly past: readonly ListedRun[];
  readonly earlier: readonly DurationSample[];
  /** There were more runs than are read: the window begins later than asked for. */
  readonly isCut: boolean;
}

export async function readWindow(
  store: Pick<Store, 'finishedRuns' | 'samples'>,
  asked: TimeWindow,
  signal: AbortSignal,
): Promise<PastWindow> {
  const past: ListedRun[] = [];
  let fromMs = asked.fromMs;
  let before: string | null = null;
  let isCut = false;
  for (;;) {
    signal.throwIfAborted();
    const page = await store.finishedRuns({ limit: PAGE, before });
    const oldest = page.runs.at(-1);
    past.push(...page.runs.filter((run) => run.finishedAtMs > asked.fromMs && run.heldSinceMs < asked.toMs));
    if (oldest === undefined || page.next === null || oldest.finishedAtMs <= asked.fromMs) break;
    if (past.length >= RUNS_MAX) {
      isCut = true;
      // Of those that finished later all were read.
      fromMs = oldest.finishedAtMs;
      break;
    }
    before = page.next;
  }
  const samples = await store.samples({ perSeries: SAMPLES_PER_SERIES, limit: SAMPLES_IN_ALL });
  const earlier = samples.filter((sample) => sample.startedAtMs + sample.durationMs <= fromMs);
  return { window: { fromMs: Math.min(fromMs, asked.toMs), toMs: asked.toMs }, past, earlier, isCut };
}
