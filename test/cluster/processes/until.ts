/**
 * Waits for something to become true of a server, and says what went wrong when it does
 * not: a server that ended is named at once, with the end of its log.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { isAlive, lastLines, type ProcessRecord } from './process.ts';

const LOOK_MS = 50;

export interface Awaited {
  /** Completes the sentence "waited N s for ...". */
  readonly what: string;
  readonly withinMs: number;
  /** Whoever must live for it to come true. */
  readonly of: readonly ProcessRecord[];
}

/** Returns the first value that is not null; what `look` throws means "not yet". */
export async function until<Value>(awaited: Awaited, look: () => Promise<Value | null>): Promise<Value> {
  const giveUpAtMs = Date.now() + awaited.withinMs;
  let trouble: unknown = null;
  for (;;) {
    try {
      const value = await look();
      if (value !== null) return value;
    } catch (error) {
      trouble = error;
    }
    const dead = awaited.of.find((process) => !isAlive(process));
    if (dead !== undefined) throw new Error(`${dead.name} ended; its log says:\n${lastLines(dead.log)}`);
    if (Date.now() > giveUpAtMs) throw new Error(tooLate(awaited, trouble));
    await pause(LOOK_MS);
  }
}

function tooLate({ what, withinMs, of }: Awaited, trouble: unknown): string {
  const logs = of.map(({ name, log }) => `--- ${name}\n${lastLines(log)}`).join('\n');
  const last = trouble instanceof Error ? ` (${trouble.message})` : '';
  return `waited ${withinMs / 1000} s for ${what}${last}\n${logs}`;
}
