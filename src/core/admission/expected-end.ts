/**
 * When a running run is expected to end: its start plus the median, doubled until that is
 * still to come, and never beyond its timeout. Doubling, rather than adding a little each
 * time, lets the expectation move only a few times in the life of a run.
 */
export function expectedEndMs(
  run: { sinceMs: number; p50Ms: number; timeoutMs: number },
  nowMs: number,
): number {
  let spanMs = Math.max(1, run.p50Ms);
  while (run.sinceMs + spanMs <= nowMs) spanMs *= 2;
  // Past its timeout it should have ended: expect that at any moment.
  return Math.max(Math.min(run.sinceMs + spanMs, run.sinceMs + run.timeoutMs), nowMs + 1);
}
