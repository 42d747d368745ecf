/**
 * A folder of policy files on disk, with all folders below it.
 *
 * Always true: how many files are read, how large they may be and how deep folders may lie is
 * bounded; a file that cannot be read is a problem of that file and of no other; files whose
 * names begin with a dot are nobody's, so that what editors and mounts keep there is not read.
 */
import { type FSWatcher, watch } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CodedError } from '../../core/errors/catalogue.ts';
import { readPolicyFile } from '../../documents/policy/policy-file.ts';
import { registrable } from '../../documents/policy/registrable.ts';
import { readTextFile } from '../../documents/text-file.ts';
import type { FolderFile, FolderReading, PolicyFolder } from '../../ports/policy-folder.ts';

export interface PolicyFolderOptions {
  readonly folder: string;
  readonly nowMs: () => number;
  /** Throws a CodedError when the engine would refuse this Pipeline. */
  readonly checkPipeline: (text: string, label: string) => unknown;
}

const FILES_MAX = 5_000;
const DEPTH_MAX = 8;
/** What makes a file one of policies; anything else may lie beside it. */
const MARKS = /PipelineExecutionPolicy|pipeline_execution_schedule_policy|penstock\.dev\//;

export function openPolicyFolder(options: PolicyFolderOptions): PolicyFolder {
  return new DiskFolder(options);
}

class DiskFolder implements PolicyFolder {
  readonly #options: PolicyFolderOptions;
  readonly #listeners = new Set<() => void>();
  #watcher: FSWatcher | null = null;

  constructor(options: PolicyFolderOptions) {
    this.#options = options;
  }

  async read(known: ReadonlySet<string>): Promise<FolderReading> {
    this.#watch();
    const found: string[] = [];
    try {
      await this.#collect('', DEPTH_MAX, found);
    } catch (error) {
      return { kind: 'unreadable', why: error instanceof Error ? error.message : String(error) };
    }
    const files: FolderFile[] = [];
    for (const file of found.toSorted((a, b) => (a < b ? -1 : 1))) {
      const read = await this.#file(file, known.has(file));
      if (read !== null) files.push(read);
    }
    return { kind: 'read', files };
  }

  /** Symbolic links are followed to files, never to folders: those could lead in a circle. */
  async #collect(below: string, depth: number, found: string[]): Promise<void> {
    const entries = await readdir(join(this.#options.folder, below), { withFileTypes: true });
    for (const entry of entries) {
      if (entry.name.startsWith('.')) continue;
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) {
        if (depth > 0) await this.#collect(path, depth - 1, found);
      } else if (/\.ya?ml$/.test(entry.name)) found.push(path);
      if (found.length > FILES_MAX) throw new Error(`there are more than ${FILES_MAX} files in it`);
    }
  }

  /** Null for a file that has nothing to do with policies. */
  async #file(file: string, isKnown: boolean): Promise<FolderFile | null> {
    const { folder, nowMs, checkPipeline } = this.#options;
    const path = join(folder, file);
    try {
      const text = await readTextFile(path, file, 'it has just been there');
      if (!MARKS.test(text)) {
        return isKnown
          ? broken(file, 'it holds no policy any more; to delete its policies, delete it')
          : null;
      }
      const read = await readPolicyFile(path, { label: file, nowMs: nowMs(), checkPipeline });
      const { policies, problems } = registrable(file, read);
      if (problems.length > 0) return { file, policies: [], problems };
      return policies.length === 0 && isKnown
        ? broken(file, 'it holds no policy any more; to delete its policies, delete it')
        : { file, policies, problems };
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      // It went between the two looks.
      return error.code === 'file-not-found' ? null : { file, policies: [], problems: [error.message] };
    }
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Hints only: where watching does not work, the app looks now and then. */
  #watch(): void {
    if (this.#watcher !== null) return;
    try {
      this.#watcher = watch(this.#options.folder, { recursive: true, persistent: false }, () => {
        for (const listener of this.#listeners) listener();
      }).on('error', () => this.#unwatch());
    } catch {
      this.#watcher = null;
    }
  }

  #unwatch(): void {
    this.#watcher?.close();
    this.#watcher = null;
  }

  async close(): Promise<void> {
    this.#unwatch();
  }
}

function broken(file: string, why: string): FolderFile {
  return { file, policies: [], problems: [`${file}: ${why}.`] };
}
