/**
 * Tells subscribers that a marker moved. Hints only: the system may drop or merge events,
 * and where watching does not work there are none.
 */
import { type FSWatcher, watch } from 'node:fs';
import { STATE_FOLDERS, stateFolder } from './layout.ts';

export class StateWatch {
  readonly #folder: string;
  readonly #listeners = new Set<() => void>();
  #watchers: readonly FSWatcher[] = [];
  #told = false;

  constructor(folder: string) {
    this.#folder = folder;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#open();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.close();
    };
  }

  #open(): void {
    try {
      this.#watchers = STATE_FOLDERS.filter((state) => state !== 'archived').map((state) =>
        watch(stateFolder(this.#folder, state), { persistent: false }, () => this.#tell()).on('error', () =>
          this.close(),
        ),
      );
    } catch {
      this.close();
    }
  }

  /** Many events of one moment are one hint. */
  #tell(): void {
    if (this.#told) return;
    this.#told = true;
    setImmediate(() => {
      this.#told = false;
      for (const listener of this.#listeners) listener();
    });
  }

  close(): void {
    for (const watcher of this.#watchers) watcher.close();
    this.#watchers = [];
  }
}
