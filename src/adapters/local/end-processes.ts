/**
 * Ends every process that carries a token and waits until none is left, so that no run
 * leaves an orphan behind: not one that started a session of its own, not a daemon.
 */
import { carriersOf, signal } from './process-table.ts';

/** A process that survives SIGKILL this long hangs in the kernel; nobody can end it. */
const UNKILLABLE_AFTER_MS = 10_000;
const FIRST_LOOK_MS = 5;
const SLOWEST_LOOK_MS = 100;

/** SIGTERM, then SIGKILL after the grace (at once when it is 0). Returns how many could not be ended. */
export async function endCarriers(token: string, graceMs: number): Promise<number> {
  let left = carriersOf(token);
  if (left.length === 0) return 0;
  const killAtMs = Date.now() + graceMs;
  const giveUpAtMs = killAtMs + UNKILLABLE_AFTER_MS;
  const asked = new Set<number>();
  for (let lookMs = FIRST_LOOK_MS; left.length > 0; lookMs = Math.min(lookMs * 2, SLOWEST_LOOK_MS)) {
    const nowMs = Date.now();
    if (nowMs >= giveUpAtMs) return left.length;
    for (const pid of left) {
      if (nowMs >= killAtMs) signal(pid, 'SIGKILL');
      else if (!asked.has(pid)) signal(pid, 'SIGTERM');
      asked.add(pid);
    }
    await pause(lookMs);
    left = carriersOf(token);
  }
  return 0;
}

export function pause(forMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, forMs));
}
