/**
 * From readings of what pods use at a moment to what a run used in all: CPU seconds, and the
 * peak of the memory of all its pods together.
 *
 * Always true: a reading counts once; between two readings the later one counts, and no
 * reading counts for longer than `REACH_MS`; a run of which less than half was measured has no
 * figure rather than a wrong one; bounded in pods and runs.
 */
import type { Usage } from '../../../core/model/run.ts';

export interface PodReading {
  readonly podUid: string;
  readonly runUid: string;
  readonly podStartedAtMs: number | null;
  /** End of the window that it is the mean of. */
  readonly atMs: number;
  readonly windowMs: number;
  readonly cpus: number;
  readonly memoryBytes: number;
}

export interface EndedPod {
  readonly podUid: string;
  readonly runUid: string;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
}

interface PodState {
  readonly runUid: string;
  readonly sinceMs: number;
  readonly measuredToMs: number;
  readonly cpus: number;
}

interface RunState {
  cpuSeconds: number;
  peakMemoryBytes: number;
  measuredMs: number;
  /** For how long its pods that have ended were there. */
  podMs: number;
}

/** Readings come four times as often. */
const REACH_MS = 60_000;
const PODS_MAX = 50_000;
const RUNS_MAX = 50_000;

export class UsageMeter {
  readonly #pods = new Map<string, PodState>();
  readonly #runs = new Map<string, RunState>();

  /** All readings of one moment, so that memory is summed over what was there together. */
  read(readings: readonly PodReading[]): void {
    const memory = new Map<string, number>();
    for (const reading of readings) {
      const { runUid, memoryBytes } = reading;
      memory.set(runUid, (memory.get(runUid) ?? 0) + memoryBytes);
      this.#readCpu(reading);
    }
    for (const [runUid, bytes] of memory) {
      const run = this.#run(runUid);
      run.peakMemoryBytes = Math.max(run.peakMemoryBytes, bytes);
    }
  }

  ended({ podUid, runUid, startedAtMs, endedAtMs }: EndedPod): void {
    const pod = this.#pods.get(podUid);
    const run = this.#run(runUid);
    if (pod !== undefined) add(run, pod.cpus, endedAtMs - pod.measuredToMs);
    run.podMs += Math.max(0, endedAtMs - startedAtMs);
    this.#pods.delete(podUid);
  }

  /** Null for a run of which too little was measured. */
  usageOf(runUid: string): Usage | null {
    const run = this.#runs.get(runUid);
    if (run === undefined || run.measuredMs === 0 || run.measuredMs < run.podMs / 2) return null;
    const { cpuSeconds, peakMemoryBytes } = run;
    return { cpuSeconds: Math.round(cpuSeconds * 1000) / 1000, peakMemoryBytes: Math.round(peakMemoryBytes) };
  }

  drop(runUid: string): void {
    this.#runs.delete(runUid);
  }

  #readCpu({ podUid, runUid, podStartedAtMs, atMs, windowMs, cpus }: PodReading): void {
    const before = this.#pods.get(podUid);
    if (before !== undefined && atMs <= before.measuredToMs) return;
    const sinceMs = before?.sinceMs ?? podStartedAtMs ?? atMs - windowMs;
    add(this.#run(runUid), cpus, atMs - (before?.measuredToMs ?? sinceMs));
    keep(this.#pods, podUid, { runUid, sinceMs, measuredToMs: atMs, cpus }, PODS_MAX);
  }

  #run(runUid: string): RunState {
    const known = this.#runs.get(runUid);
    if (known !== undefined) return known;
    const run = { cpuSeconds: 0, peakMemoryBytes: 0, measuredMs: 0, podMs: 0 };
    keep(this.#runs, runUid, run, RUNS_MAX);
    return run;
  }
}

function add(run: RunState, cpus: number, overMs: number): void {
  const ms = Math.min(Math.max(0, overMs), REACH_MS);
  run.cpuSeconds += (cpus * ms) / 1000;
  run.measuredMs += ms;
}

/** The oldest goes when there are too many. */
export function keep<Value>(map: Map<string, Value>, key: string, value: Value, most: number): void {
  map.set(key, value);
  if (map.size <= most) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}
