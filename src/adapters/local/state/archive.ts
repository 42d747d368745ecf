/**
 * Runs that history has for good. Their ids stay known so that a creation retried late
 * does not run them again; logs and work folders of the newest stay for people to look at.
 */
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { moved, readIfThere, writeWhole } from './files.ts';
import { archivedMarker, finishedMarker, runFolder, stateFolder } from './layout.ts';

/** How many ids stay known. Each is one file of about half a kilobyte. */
const REMEMBERED_RUNS = 20_000;
/** Pruning lists and sorts all archived runs, so it is done for many at a time. */
const PRUNE_EVERY = 100;

export class Archive {
  readonly #folder: string;
  readonly #keptRuns: number;
  #sincePruned = PRUNE_EVERY;

  constructor(folder: string, keptRuns: number) {
    this.#folder = folder;
    this.#keptRuns = keptRuns;
  }

  /** Only finished runs move; true if it was this call that moved it. */
  add(id: string): boolean {
    const added = moved(finishedMarker(this.#folder, id), archivedMarker(this.#folder, id));
    if (added) this.#sincePruned += 1;
    return added;
  }

  /** Removes the logs and work folders of all but the newest, when enough were added since. */
  prune(): void {
    if (this.#sincePruned < PRUNE_EVERY) return;
    this.#sincePruned = 0;
    const ids = readdirSync(stateFolder(this.#folder, 'archived'));
    if (ids.length <= this.#keptRuns) return;
    const newestFirst = ids
      .map((id) => ({ id, atMs: this.#archivedAtMs(id) }))
      .toSorted((a, b) => b.atMs - a.atMs || (a.id < b.id ? -1 : 1));
    for (const { id } of newestFirst.slice(this.#keptRuns, REMEMBERED_RUNS)) this.#strip(id);
    for (const { id } of newestFirst.slice(Math.max(this.#keptRuns, REMEMBERED_RUNS))) this.#remove(id);
  }

  /** A rename touches the change time of the marker and nothing else does. */
  #archivedAtMs(id: string): number {
    return statSync(archivedMarker(this.#folder, id), { throwIfNoEntry: false })?.ctimeMs ?? 0;
  }

  /** Leaves the first line of run.jsonl: what tells a retried creation from a different run. */
  #strip(id: string): void {
    const folder = runFolder(this.#folder, id);
    const names = readdirSync(folder);
    if (names.length === 1) return;
    const facts = (readIfThere(join(folder, 'run.jsonl')) ?? '').split('\n')[0] ?? '';
    for (const name of names) {
      if (name !== 'run.jsonl') rmSync(join(folder, name), { recursive: true, force: true });
    }
    writeWhole(join(folder, 'run.jsonl'), `${facts}\n`, 'through-kill');
  }

  #remove(id: string): void {
    rmSync(runFolder(this.#folder, id), { recursive: true, force: true });
    rmSync(archivedMarker(this.#folder, id), { force: true });
  }
}
