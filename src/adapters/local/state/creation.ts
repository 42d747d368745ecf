/**
 * Putting a batch of runs in, all or none. Everything is written aside first; one small
 * file, `committed`, makes it count; then each run is moved into place. A crash before
 * that file leaves rubbish that `recoverBatches` removes, a crash after it leaves a batch
 * that `recoverBatches` completes. Each move is a rename of a file made for it alone, so
 * doing it twice, or by two processes, never makes a run twice.
 *
 * Killing the process loses nothing. A power cut may lose runs created in the seconds
 * before it (see damage.ts): one flush to disk for each of 10,000 runs would take minutes.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { birthOf } from '../process-table.ts';
import { codeOf, moved, readIfThere, writeWhole } from './files.ts';
import { heldMarker, runFolder } from './layout.ts';
import type { RunFacts } from './records.ts';

export interface PreparedRun {
  readonly facts: RunFacts;
  /** JSON of the plan. */
  readonly plan: string;
  readonly content: string;
}

/** Runs written between two turns of the event loop. */
export const RUNS_PER_TURN = 50;

/** Throws and leaves nothing when it cannot be written. The name is of a batch that does not exist yet. */
export async function createBatch(folder: string, name: string, runs: readonly PreparedRun[]): Promise<void> {
  const batch = join(folder, 'incoming', name);
  try {
    mkdirSync(join(batch, 'held'), { recursive: true });
    writeFileSync(join(batch, 'owner'), ownerOf(process.pid));
    for (const [index, run] of runs.entries()) {
      writeRun(batch, run);
      if (index % RUNS_PER_TURN === RUNS_PER_TURN - 1) await nextTurn();
    }
    writeWhole(join(batch, 'committed.new'), '', 'through-power-cut');
    renameSync(join(batch, 'committed.new'), join(batch, 'committed'));
  } catch (error) {
    rmSync(batch, { recursive: true, force: true });
    throw error;
  }
  await complete(folder, batch);
}

function writeRun(batch: string, run: PreparedRun): void {
  const { id } = run.facts;
  mkdirSync(join(batch, 'runs', id), { recursive: true });
  const lines = [JSON.stringify(run.facts), run.plan, JSON.stringify(run.content)];
  writeWhole(join(batch, 'runs', id, 'run.jsonl'), `${lines.join('\n')}\n`, 'through-kill');
  writeFileSync(join(batch, 'held', id), '');
}

async function complete(folder: string, batch: string): Promise<void> {
  let done = 0;
  for (const id of namesIn(join(batch, 'held'))) {
    if (placed(join(batch, 'runs', id), runFolder(folder, id))) {
      moved(join(batch, 'held', id), heldMarker(folder, id));
    }
    done += 1;
    if (done % RUNS_PER_TURN === 0) await nextTurn();
  }
  rmSync(batch, { recursive: true, force: true });
}

/** False when somebody else's run has the id: then ours was never created. */
function placed(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT') return existsSync(to);
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return false;
    throw error;
  }
}

/** Completes or removes what a crash left; batches of living processes are left to them. */
export async function recoverBatches(folder: string): Promise<void> {
  for (const name of namesIn(join(folder, 'incoming'))) {
    const batch = join(folder, 'incoming', name);
    if (existsSync(join(batch, 'committed'))) await complete(folder, batch);
    else if (!isOwned(batch)) rmSync(batch, { recursive: true, force: true });
  }
}

function isOwned(batch: string): boolean {
  const [pid, birth] = (readIfThere(join(batch, 'owner')) ?? '').split(' ', 2);
  return pid !== undefined && birth !== undefined && birthOf(Number(pid)) === birth;
}

function ownerOf(pid: number): string {
  return `${pid} ${birthOf(pid) ?? ''}`;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
