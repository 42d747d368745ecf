/**
 * Reading what is known of each run, once: everything read here never changes after the
 * marker that leads to it appeared, so it is kept in memory and observing many runs costs
 * no more than listing their markers.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { CodedError } from '../../../core/errors/catalogue.ts';
import { profileOf, type TaskSpan } from '../../../core/model/profile.ts';
import { type RunId, runId } from '../../../core/model/run.ts';
import type { ObservedRun } from '../../../ports/engine.ts';
import { isMissing, readIfThere } from './files.ts';
import { runFolder } from './layout.ts';
import type { OutcomeRecord, RunFacts, SupervisorRecord, TaskTimes } from './records.ts';

/** The first line nearly always fits; when not, the rest is read too. */
const FIRST_READ_BYTES = 4096;

export class RunFiles {
  readonly #folder: string;
  readonly #facts = new Map<string, RunFacts>();
  /** What was last shown of a run; shown again as long as its state is the same. */
  readonly #shown = new Map<string, ObservedRun>();
  readonly #supervisors = new Map<string, SupervisorRecord>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Null when there is no such run. */
  factsIfThere(id: string): RunFacts | null {
    const known = this.#facts.get(id);
    if (known !== undefined) return known;
    const line = readFirstLine(join(runFolder(this.#folder, id), 'run.jsonl'));
    if (line === null) return null;
    const facts = this.#parse(id, 'run.jsonl', line) as RunFacts;
    this.#facts.set(id, facts);
    return facts;
  }

  #parse(id: string, file: string, text: string): unknown {
    try {
      return JSON.parse(text);
    } catch (cause) {
      const path = join(runFolder(this.#folder, id), file);
      throw new CodedError('file-unreadable', `${path}: damaged; restore it, or remove run ${id} by hand`, {
        cause,
      });
    }
  }

  supervisor(id: string, token: string): SupervisorRecord | null {
    const known = this.#supervisors.get(id);
    if (known !== undefined) return known;
    const file = `supervisor.${token}.json`;
    const text = readIfThere(join(runFolder(this.#folder, id), file));
    if (text === null) return null;
    const record = this.#parse(id, file, text) as SupervisorRecord;
    this.#supervisors.set(id, record);
    return record;
  }

  waiting(id: string, state: 'held' | 'starting'): ObservedRun {
    return this.#shownAs(id, state, () => ({
      startedAtMs: null,
      finishedAtMs: null,
      result: null,
    }));
  }

  running(id: string, token: string): ObservedRun {
    return this.#shownAs(id, 'running', () => ({
      startedAtMs: this.supervisor(id, token)?.startedAtMs ?? null,
      finishedAtMs: null,
      result: null,
    }));
  }

  finished(id: string): ObservedRun {
    const shown = this.#shown.get(id);
    if (shown !== undefined && shown.result !== null) return shown;
    const text = readIfThere(join(runFolder(this.#folder, id), 'outcome.json'));
    const { outcome, reason, usage, tasks, startedAtMs, finishedAtMs } = this.#parse(
      id,
      'outcome.json',
      text ?? '',
    ) as OutcomeRecord;
    this.#supervisors.delete(id);
    const result = { outcome, reason, usage, profile: profileOf((tasks ?? []).map(spanOf)) };
    return this.#shownAs(id, outcome, () => ({ startedAtMs, finishedAtMs, result }));
  }

  #shownAs(
    id: string,
    state: ObservedRun['state'],
    known: () => Pick<ObservedRun, 'startedAtMs' | 'finishedAtMs' | 'result'>,
  ): ObservedRun {
    const shown = this.#shown.get(id);
    if (shown?.state === state) return shown;
    const facts = this.factsIfThere(id);
    if (facts === null) {
      throw new CodedError(
        'file-unreadable',
        `${runFolder(this.#folder, id)}: missing, though run ${id} is known`,
      );
    }
    const { requestHash: _, ...rest } = facts;
    const run: ObservedRun = { ...rest, id: runId(id), ours: true, fault: null, state, ...known() };
    this.#shown.set(id, run);
    return run;
  }

  /** Runs that were shown before and are not among these: somebody moved them meanwhile, or forgot them. */
  unseen(seen: ReadonlyMap<string, ObservedRun>): readonly RunId[] {
    const missing: RunId[] = [];
    if (seen.size === this.#shown.size) return missing;
    for (const [id, run] of this.#shown) if (!seen.has(id)) missing.push(run.id);
    return missing;
  }

  drop(id: string): void {
    this.#facts.delete(id);
    this.#shown.delete(id);
    this.#supervisors.delete(id);
  }
}

/** A step is a process of this machine, with nothing reserved for it. */
function spanOf(times: TaskTimes): TaskSpan {
  return { ...times, platform: null, cpuRequestMillis: null, memoryRequestBytes: null };
}

export function readFirstLine(path: string): string | null {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
  try {
    const bytes = Buffer.allocUnsafe(FIRST_READ_BYTES);
    const start = bytes.subarray(0, readSync(file, bytes, 0, FIRST_READ_BYTES, 0));
    const end = start.indexOf(0x0a);
    if (end >= 0) return start.toString('utf8', 0, end);
    return (readIfThere(path) ?? '').split('\n')[0] ?? '';
  } finally {
    closeSync(file);
  }
}
