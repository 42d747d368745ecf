/**
 * Observing: lists the markers in the order in which runs move on, so that a run that
 * moves meanwhile is seen at least once, and counts it as the most advanced it was seen.
 * Only a lapse moves backwards; a run that was known and is now seen nowhere makes it
 * look again.
 *
 * On the way it does what only time brings about: a start that nobody took before its
 * deadline goes back to held, and a run whose supervisor is gone is settled, in the
 * background, and counts as running until nothing of it runs any more.
 */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Observation, ObservedRun } from '../../../ports/engine.ts';
import { moved } from './files.ts';
import {
  archivedMarker,
  finishedMarker,
  heldMarker,
  NEVER_RAN,
  readStartingName,
  readTokenName,
  stateFolder,
} from './layout.ts';
import type { RunFiles } from './run-files.ts';
import { claimLost, isAlive, settleCancelled, settleLost } from './settling.ts';

/** Where a run is now; `marker` is the file to move. */
export type Place =
  | { readonly state: 'held' | 'starting'; readonly marker: string }
  | { readonly state: 'running' | 'ending'; readonly token: string }
  | { readonly state: 'finished' };

const LOOKS = 4;
/** Revisions count microseconds since the epoch, so that those of a later process are higher. */
const REVISIONS_PER_MS = 1_000;

export class Observer {
  readonly #folder: string;
  readonly #files: RunFiles;
  readonly #graceMs: number;
  readonly #settling = new Map<string, Promise<void>>();
  #revision = 0;

  constructor(folder: string, files: RunFiles, graceMs: number) {
    this.#folder = folder;
    this.#files = files;
    this.#graceMs = graceMs;
  }

  async observe(): Promise<Observation> {
    // Taken before looking: of two observations the one that began later has the higher revision.
    this.#revision = Math.max(this.#revision + 1, Date.now() * REVISIONS_PER_MS);
    const revision = this.#revision;
    let runs = await this.#look();
    for (let look = 1; look < LOOKS && this.#files.unseen(runs).length > 0; look += 1)
      runs = await this.#look();
    // Seen nowhere several times: somebody else forgot it.
    for (const id of this.#files.unseen(runs)) this.#files.drop(id);
    return { revision, runs: [...runs.values()] };
  }

  async #look(): Promise<ReadonlyMap<string, ObservedRun>> {
    const runs = new Map<string, ObservedRun>();
    for (const id of await this.#list('held')) runs.set(id, this.#files.waiting(id, 'held'));
    for (const name of await this.#list('starting')) this.#lookAtStarting(name, runs);
    for (const name of await this.#list('running')) this.#lookAtRunning(name, runs);
    for (const name of await this.#list('ending')) this.#lookAtEnding(name, runs);
    for (const id of await this.#list('finished')) runs.set(id, this.#files.finished(id));
    return runs;
  }

  #list(state: 'held' | 'starting' | 'running' | 'ending' | 'finished'): Promise<readonly string[]> {
    return readdir(stateFolder(this.#folder, state));
  }

  #lookAtStarting(name: string, runs: Map<string, ObservedRun>): void {
    const attempt = readStartingName(name);
    if (attempt === null) return;
    if (Date.now() < attempt.deadlineMs) {
      runs.set(attempt.id, this.#files.waiting(attempt.id, 'starting'));
      return;
    }
    // When the move fails, the run has just gone on, and is seen further on.
    const lapsed = moved(
      join(stateFolder(this.#folder, 'starting'), name),
      heldMarker(this.#folder, attempt.id),
    );
    if (lapsed) runs.set(attempt.id, this.#files.waiting(attempt.id, 'held'));
  }

  #lookAtRunning(name: string, runs: Map<string, ObservedRun>): void {
    const run = readTokenName(name);
    if (run === null) return;
    runs.set(run.id, this.#files.running(run.id, run.token));
    const supervisor = this.#files.supervisor(run.id, run.token);
    if (supervisor !== null && isAlive(supervisor)) return;
    if (claimLost(this.#folder, run.id, run.token)) this.#settle(run.id, run.token);
  }

  #lookAtEnding(name: string, runs: Map<string, ObservedRun>): void {
    const run = readTokenName(name);
    if (run === null) return;
    if (run.token === NEVER_RAN) {
      settleCancelled(this.#folder, run.id);
      return;
    }
    runs.set(run.id, this.#files.running(run.id, run.token));
    this.#settle(run.id, run.token);
  }

  #settle(id: string, token: string): void {
    if (this.#settling.has(id)) return;
    const startedAtMs = this.#files.supervisor(id, token)?.startedAtMs ?? null;
    const settled = settleLost(this.#folder, { id, token, startedAtMs, graceMs: this.#graceMs })
      // It stays in `ending`, and the next observation tries again.
      .catch(() => undefined)
      .finally(() => this.#settling.delete(id));
    this.#settling.set(id, settled);
  }

  /** Null when it was seen nowhere, as may happen while it moves. */
  async place(id: string): Promise<Place | null> {
    const held = heldMarker(this.#folder, id);
    if (existsSync(held)) return { state: 'held', marker: held };
    const starting = (await this.#list('starting')).find((name) => readStartingName(name)?.id === id);
    if (starting !== undefined) {
      return { state: 'starting', marker: join(stateFolder(this.#folder, 'starting'), starting) };
    }
    for (const state of ['running', 'ending'] as const) {
      const names = (await this.#list(state)).map((name) => readTokenName(name));
      const token = names.find((name) => name?.id === id)?.token;
      if (token !== undefined) return { state, token };
    }
    const ended = [finishedMarker(this.#folder, id), archivedMarker(this.#folder, id)];
    return ended.some((marker) => existsSync(marker)) ? { state: 'finished' } : null;
  }

  async settled(): Promise<void> {
    await Promise.all(this.#settling.values());
  }
}
