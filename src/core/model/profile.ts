/**
 * How the work of one run was spread over its time: what is needed to say how much CPU, memory
 * and how many machines of a platform many such runs use at once.
 *
 * Always true: bounded, and in one order, so that equal work is an equal profile.
 */
export interface TaskSpan {
  readonly task: string;
  /** Since the run's start: whole, 0 <= fromMs <= toMs. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Where it worked; null where any machine would do. */
  readonly platform: string | null;
  /** What was reserved for it, in thousandths of a CPU; null when that is not known. */
  readonly cpuRequestMillis: number | null;
  /** Null when it is not known. */
  readonly memoryRequestBytes: number | null;
}

export interface RunProfile {
  /** By start, then name. */
  readonly tasks: readonly TaskSpan[];
  /** The shortest ones, of a run with more than `TASKS_MAX`. */
  readonly tasksLeftOut: number;
}

/** Tekton makes at most 256 tasks of one matrix; few runs have more than thirty. */
export const TASKS_MAX = 250;

/** Null for a run of which no task is known. */
export function profileOf(spans: readonly TaskSpan[]): RunProfile | null {
  if (spans.length === 0) return null;
  const kept = spans.length <= TASKS_MAX ? [...spans] : spans.toSorted(longestFirst).slice(0, TASKS_MAX);
  return { tasks: kept.sort(inOrder), tasksLeftOut: spans.length - kept.length };
}

function longestFirst(a: TaskSpan, b: TaskSpan): number {
  return b.toMs - b.fromMs - (a.toMs - a.fromMs) || inOrder(a, b);
}

function inOrder(a: TaskSpan, b: TaskSpan): number {
  return a.fromMs - b.fromMs || (a.task < b.task ? -1 : Number(a.task > b.task)) || a.toMs - b.toMs;
}
