/**
 * What the tasks of one run share: its folders, its environment, its meter, and what
 * earlier tasks left for later ones (results and how they ended).
 */
import { join } from 'node:path';
import type { Blank, Plan, Text } from '../plan.ts';
import { runFolder } from '../state/layout.ts';
import { type SupervisorOrder, type TaskTimes, TOKEN_VARIABLE } from '../state/records.ts';
import type { UsageMeter } from './usage-meter.ts';

export type TaskStatus = 'Succeeded' | 'Failed' | 'None';

/** A result that a text needs and that no task wrote. */
export class MissingResult extends Error {}

export class RunContext {
  readonly order: SupervisorOrder;
  readonly meter: UsageMeter;
  readonly folder: string;
  readonly workFolder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly results = new Map<string, ReadonlyMap<string, string>>();
  readonly statuses = new Map<string, TaskStatus>();
  /** Of the tasks that were begun and have ended. */
  readonly times: TaskTimes[] = [];
  readonly #startedAtMs: number;

  constructor(
    order: SupervisorOrder,
    plan: Plan,
    run: { readonly meter: UsageMeter; readonly startedAtMs: number },
  ) {
    this.order = order;
    this.meter = run.meter;
    this.#startedAtMs = run.startedAtMs;
    this.folder = runFolder(order.folder, order.id);
    this.workFolder = join(this.folder, 'work');
    this.env = { [TOKEN_VARIABLE]: order.token, ...order.env, ...plan.env };
  }

  /** Since the run's start; never less, though the time of day may be set back. */
  sinceStartMs(): number {
    return Math.max(0, Date.now() - this.#startedAtMs);
  }

  resultFolder(task: string): string {
    return join(this.folder, 'results', task);
  }

  fifo(task: string, step: string): string {
    return join(this.folder, 'output', `${task}.${step}`);
  }

  fill(text: Text, task: string): string {
    if (typeof text === 'string') return text;
    return text.map((part) => (typeof part === 'string' ? part : this.#value(part, task))).join('');
  }

  #value(blank: Blank, task: string): string {
    if (blank.kind === 'result-path') return join(this.resultFolder(task), blank.name);
    if (blank.kind === 'status') {
      return blank.task === null ? this.#status() : (this.statuses.get(blank.task) ?? 'None');
    }
    const value = this.results.get(blank.task)?.get(blank.name);
    if (value !== undefined) return value;
    throw new MissingResult(
      `it needs result "${blank.name}" of task "${blank.task}", which did not write it`,
    );
  }

  /** As in Tekton: of all tasks before `finally`. */
  #status(): string {
    const all = [...this.statuses.values()];
    if (all.includes('Failed')) return 'Failed';
    return all.includes('None') ? 'Completed' : 'Succeeded';
  }
}
