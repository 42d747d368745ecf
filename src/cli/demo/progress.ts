/** What the demo shows while runs go on: a bar, and a line that says what they do. */

import { span } from '../text/when.ts';
import type { Live } from './screen.ts';
import type { Counts } from './tally.ts';

export interface PoolUse {
  readonly name: string;
  readonly used: number;
  readonly size: number;
}

export interface Progress {
  readonly title: string;
  readonly counts: Counts;
  readonly slots: number;
  /** The scarce ones; the slots themselves are not among them. */
  readonly pools: readonly PoolUse[];
  readonly elapsedMs: number;
  /** Of the whole batch; null when nothing was forecast. */
  readonly expectedMs: number | null;
  /** After a kill, what the killed demo asked for may still begin; until that is certain nothing starts. */
  readonly nothingStartsForMs: number;
}

const BAR_CHARACTERS = 30;

export function liveProgress(progress: Progress): Live {
  const { title, counts, slots, pools, elapsedMs } = progress;
  const done = `${counts.finished} of ${counts.total} done`;
  const doing = `${counts.running} of ${slots} running, ${counts.waiting} waiting`;
  const bad = counts.finished - counts.outcomes.succeeded;
  const notes = bad === 0 ? '' : `, ${bad} not succeeded`;
  const uses =
    progress.nothingStartsForMs > 0
      ? `, next start in ${span(progress.nothingStartsForMs)} (making sure that none starts twice)`
      : pools.map(({ name, used, size }) => `, ${name} ${used} of ${size}`).join('');
  const indent = ' '.repeat(title.length);
  return {
    lines: [
      `${title}  ${bar(counts.finished / counts.total)}  ${done}${notes}, ${remaining(progress)}`,
      `${indent}  ${doing}${uses}`,
    ],
    plain: `${title}: ${done}${notes}, ${doing}${uses} (${span(elapsedMs)})`,
  };
}

function remaining({ elapsedMs, expectedMs }: Progress): string {
  if (expectedMs === null || expectedMs < elapsedMs) return span(elapsedMs);
  return `about ${span(Math.ceil((expectedMs - elapsedMs) / 1000) * 1000)} left`;
}

function bar(share: number): string {
  const filled = Math.floor(Math.min(1, Math.max(0, share)) * BAR_CHARACTERS);
  return '█'.repeat(filled) + '░'.repeat(BAR_CHARACTERS - filled);
}
