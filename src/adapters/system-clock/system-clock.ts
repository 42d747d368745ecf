/**
 * The machine's clock. It may be set back or forward while we run, and the machine may
 * sleep; `at` copes with all three.
 *
 * Always true: while nobody sets the clock, a callback comes at or after its instant. When
 * the clock was set back it comes after the time that was meant to pass, rather than hours
 * late, and then before its instant by the new clock: whoever asked must look at the clock
 * again. A pending callback keeps the process alive, for it is work that is still to do.
 */
import type { Clock } from '../../ports/clock.ts';

/**
 * Timers are set for a minute at most: a longer one would notice a new time, or the end of
 * a sleep, that much later; and Node.js turns delays over 24.8 days into none at all.
 */
const TIMER_MAX_MS = 60_000;
/** The two clocks drift apart by less than this unless somebody sets one of them. */
const SET_BACK_MS = 1_000;

/** Where time comes from; a test gives its own. */
export interface TimeSources {
  /** The time of day, in milliseconds since the epoch. */
  readonly wallMs: () => number;
  /** Never goes back; from any origin. */
  readonly steadyMs: () => number;
}

const MACHINE: TimeSources = { wallMs: () => Date.now(), steadyMs: () => performance.now() };

export function systemClock(sources: TimeSources = MACHINE): Clock {
  return { nowMs: sources.wallMs, at: (atMs, callback) => startTimer(sources, atMs, callback) };
}

function startTimer({ wallMs, steadyMs }: TimeSources, atMs: number, callback: () => void): () => void {
  const armedWallMs = wallMs();
  const armedSteadyMs = steadyMs();
  let timer: NodeJS.Timeout;

  const arm = () => {
    const leftMs = Math.max(0, atMs - wallMs());
    const steadyLeftMs = Math.max(0, atMs - armedWallMs - (steadyMs() - armedSteadyMs));
    const delayMs = wasSetBack() ? steadyLeftMs : leftMs;
    timer = setTimeout(wake, Math.min(TIMER_MAX_MS, Math.ceil(delayMs)));
  };
  const wasSetBack = () => wallMs() - armedWallMs < steadyMs() - armedSteadyMs - SET_BACK_MS;
  const wake = () => {
    const passedSteadilyMs = steadyMs() - armedSteadyMs;
    const due = wallMs() >= atMs || (wasSetBack() && passedSteadilyMs >= atMs - armedWallMs);
    if (due) callback();
    else arm();
  };

  arm();
  return () => clearTimeout(timer);
}
