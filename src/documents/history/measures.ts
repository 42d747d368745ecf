/** What a row says of resources; what it says wrongly counts as not said. */
import { profileOf, type RunProfile, type TaskSpan } from '../../core/model/profile.ts';
import type { Usage } from '../../core/model/run.ts';
import { isMapping } from '../schema-parts.ts';
import type { Entry } from './entry.ts';

export function usageOf(entry: Entry): Usage | null {
  const from = entry.inner('usage') ?? entry;
  const cpuSeconds = from.number('cpu_seconds');
  const peakMemoryBytes = from.number('peak_memory_bytes');
  if (cpuSeconds === null || peakMemoryBytes === null) return null;
  return cpuSeconds >= 0 && peakMemoryBytes >= 0 ? { cpuSeconds, peakMemoryBytes } : null;
}

/** Of JSON; in CSV there is none. */
export function profileField(entry: Entry): RunProfile | null {
  const tasks = entry.inner('profile')?.value('tasks');
  if (!Array.isArray(tasks)) return null;
  const spans = tasks.map(spanOf);
  return spans.includes(null) ? null : profileOf(spans as TaskSpan[]);
}

function spanOf(task: unknown): TaskSpan | null {
  if (!isMapping(task)) return null;
  const { task: name, fromMs, toMs, platform, cpuRequestMillis, memoryRequestBytes } = task;
  const isSpan =
    typeof name === 'string' && isWhole(fromMs) && isWhole(toMs) && Number(fromMs) <= Number(toMs);
  if (!isSpan) return null;
  return {
    task: name,
    fromMs: Number(fromMs),
    toMs: Number(toMs),
    platform: typeof platform === 'string' ? platform : null,
    cpuRequestMillis: isWhole(cpuRequestMillis) ? Number(cpuRequestMillis) : null,
    memoryRequestBytes: isWhole(memoryRequestBytes) ? Number(memoryRequestBytes) : null,
  };
}

function isWhole(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
