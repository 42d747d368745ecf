/**
 * What a run used. CPU: user and system time of all waited-for descendants, as the kernel
 * adds it up for their ancestor. Memory: the peak of the summed resident memory of the
 * steps' process trees, sampled when a step starts, soon after, and then five times a
 * second (once a second when it has run for a minute); a shorter peak may be missed, a run
 * of a millisecond may show none, and pages shared between processes count in each.
 *
 * Left out: the CPU of processes that cut themselves off from their step and were never
 * waited for by an ancestor, and the memory of the same. Without /proc nothing is measured.
 */
import { readdirSync, readFileSync } from 'node:fs';
import type { Usage } from '../../../core/model/run.ts';
import { hasProc, readStat } from '../process-table.ts';

/** Linux counts CPU in ticks of 10 ms towards programs, on every architecture Node runs on. */
const TICKS_PER_SECOND = 100;
/** Pauses after a step started: most steps are short, and their peak comes early. */
const EARLY_PAUSES_MS = [10, 40, 150] as const;
const PAUSE_MS = 200;
const LONG_RUN_PAUSE_MS = 1_000;
const LONG_RUN_SAMPLES = 300;
/** A step that forks without end must not keep its supervisor busy counting. */
const PROCESSES_PER_SAMPLE = 2_000;

export class UsageMeter {
  readonly #roots = new Set<number>();
  readonly #pageBytes = pageBytes();
  readonly #ticksBefore = readStat('self')?.childTicks ?? 0;
  #peakBytes = 0;
  #samples = 0;
  #timer: NodeJS.Timeout | null = null;

  add(pid: number): void {
    this.#roots.add(pid);
    this.#samples = 0;
    this.#sample();
  }

  remove(pid: number): void {
    this.#roots.delete(pid);
    if (this.#roots.size === 0) this.#cancelTimer();
  }

  /** Call it when every child was waited for. Null where it cannot be measured. */
  usage(): Usage | null {
    this.#cancelTimer();
    const stat = hasProc ? readStat('self') : null;
    if (stat === null) return null;
    return {
      cpuSeconds: (stat.childTicks - this.#ticksBefore) / TICKS_PER_SECOND,
      peakMemoryBytes: this.#peakBytes,
    };
  }

  #cancelTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #sample(): void {
    this.#cancelTimer();
    if (!hasProc || this.#roots.size === 0) return;
    this.#peakBytes = Math.max(this.#peakBytes, residentPages([...this.#roots]) * this.#pageBytes);
    const pauseMs =
      EARLY_PAUSES_MS[this.#samples] ?? (this.#samples < LONG_RUN_SAMPLES ? PAUSE_MS : LONG_RUN_PAUSE_MS);
    this.#samples += 1;
    this.#timer = setTimeout(() => this.#sample(), pauseMs);
  }
}

function residentPages(roots: number[]): number {
  let pages = 0;
  let seen = 0;
  for (let pid = roots.pop(); pid !== undefined && seen < PROCESSES_PER_SAMPLE; pid = roots.pop()) {
    seen += 1;
    const stat = readStat(pid);
    if (stat === null) continue;
    pages += stat.residentPages;
    // Children are listed under the thread that made them.
    if (stat.threads <= 1) addChildren(pid, pid, roots);
    else for (const thread of threadsOf(pid)) addChildren(pid, thread, roots);
  }
  return pages;
}

function addChildren(pid: number, thread: number | string, into: number[]): void {
  try {
    const text = readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8');
    for (const child of text.split(' ')) if (child !== '') into.push(Number(child));
  } catch {
    // It ended while we looked, or this kernel does not list children.
  }
}

function threadsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/** From our own figures: `statm` counts pages, `status` kilobytes. */
function pageBytes(): number {
  if (!hasProc) return 0;
  const pages = Number(readFileSync('/proc/self/statm', 'utf8').split(' ')[0]);
  const kilobytes = Number(/^VmSize:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
  const bytes = (kilobytes * 1024) / pages;
  return Number.isFinite(bytes) && bytes > 0 ? 2 ** Math.round(Math.log2(bytes)) : 4096;
}
