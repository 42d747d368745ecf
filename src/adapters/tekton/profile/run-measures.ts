/**
 * What is gathered of each run while it is there, to be said when it has ended: its tasks'
 * times from TaskRuns, what their pods reserved, what was measured of them. All three may be
 * pruned together with the run, and before it.
 *
 * Always true: gathering costs by what changes, never by how much there is; what history has is
 * dropped; bounded, the oldest first, so that nothing that goes wrong fills the memory.
 */
import { profileOf, type RunProfile, type TaskSpan } from '../../../core/model/profile.ts';
import type { Usage } from '../../../core/model/run.ts';
import type { SeenTaskRun } from '../seen-task-run.ts';
import { largerOf, type PodRequests } from './pod-requests.ts';
import type { SeenPod } from './seen-pod.ts';
import { keep, UsageMeter } from './usage-meter.ts';

/** As many as Tekton makes of a few matrices. */
const TASKS_PER_RUN_MAX = 1_000;
const RUNS_MAX = 100_000;
/** Pods of runs that history does not have yet. */
const PODS_MAX = 100_000;
/** Runs that are done with, of which TaskRuns may still be told. */
const DROPPED_MAX = 20_000;

export interface EndedRun {
  readonly uid: string;
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
}

export interface Measured {
  readonly profile: RunProfile | null;
  readonly usage: Usage | null;
}

export class RunMeasures {
  readonly usage = new UsageMeter();
  readonly #tasks = new Map<string, SeenTaskRun[]>();
  readonly #requests = new Map<string, PodRequests>();
  readonly #dropped = new Map<string, true>();

  /** Told of each state of a TaskRun; gives it back. */
  saw(task: SeenTaskRun): SeenTaskRun {
    const { runUid } = task;
    if (runUid === null || this.#dropped.has(runUid)) return task;
    const tasks = this.#tasks.get(runUid);
    if (tasks === undefined) {
      keep(this.#tasks, runUid, [task], RUNS_MAX);
      return task;
    }
    const at = tasks.findIndex(({ uid }) => uid === task.uid);
    if (at !== -1) tasks[at] = task;
    else if (tasks.length < TASKS_PER_RUN_MAX) tasks.push(task);
    return task;
  }

  sawPod({ taskRunUid, requests }: SeenPod): void {
    const before = this.#requests.get(taskRunUid);
    if (before === undefined) keep(this.#requests, taskRunUid, requests, PODS_MAX);
    else this.#requests.set(taskRunUid, largerOf(before, requests));
  }

  /** Of a run that has ended. */
  of({ uid, startedAtMs, endedAtMs }: EndedRun): Measured {
    const usage = this.usage.usageOf(uid);
    if (startedAtMs === null || endedAtMs === null) return { profile: null, usage };
    const spans = (this.#tasks.get(uid) ?? []).flatMap((task) =>
      task.startedAtMs === null ? [] : [this.#span(task, task.startedAtMs, { startedAtMs, endedAtMs })],
    );
    return { profile: profileOf(spans), usage };
  }

  /** History has it, or it is gone without having ended. */
  drop(runUid: string): void {
    for (const { uid } of this.#tasks.get(runUid) ?? []) this.#requests.delete(uid);
    this.#tasks.delete(runUid);
    this.usage.drop(runUid);
    keep(this.#dropped, runUid, true, DROPPED_MAX);
  }

  /** A task whose end is not seen yet ended with the run: the two watches may be moments apart. */
  #span(
    { uid, task, platform, finishedAtMs }: SeenTaskRun,
    taskStartedAtMs: number,
    run: { readonly startedAtMs: number; readonly endedAtMs: number },
  ): TaskSpan {
    const fromMs = Math.max(0, taskStartedAtMs - run.startedAtMs);
    const toMs = Math.max(fromMs, (finishedAtMs ?? run.endedAtMs) - run.startedAtMs);
    const requests = this.#requests.get(uid);
    return {
      task,
      fromMs,
      toMs,
      platform,
      cpuRequestMillis: requests?.cpuMillis ?? null,
      memoryRequestBytes: requests?.memoryBytes ?? null,
    };
  }
}
