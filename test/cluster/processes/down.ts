/**
 * Ends the cluster that a state file describes, exactly its processes and nothing else,
 * last started first, and removes its data.
 */
import { rmSync } from 'node:fs';
import type { Layout } from './layout.ts';
import { end, isAlive } from './process.ts';
import { alone, readState } from './state.ts';

/** Returns how many processes were ended; null when there was no cluster. */
export function down(layout: Layout): Promise<number | null> {
  return alone(layout, () => endAll(layout, 'remove everything'));
}

export async function endAll(
  layout: Layout,
  data: 'remove everything' | 'keep the logs',
): Promise<number | null> {
  const state = readState(layout);
  const living = (state?.processes ?? []).filter(isAlive).toReversed();
  // Servers that lose their API server log much and wait long: nobody reads that any more.
  for (const process of living) await end(process, 'hard');
  if (data === 'remove everything') rmSync(layout.folder, { recursive: true, force: true });
  return state === null ? null : living.length;
}
