/**
 * Policy folder: files that are policies, as they are now. It says what stands in them and
 * what is wrong; who a policy is, and what becomes of broken files, is decided by the app.
 */
import type { ReadPolicyRecord } from './policy-store.ts';

export interface FolderFile {
  /** From the folder, with `/` in it. */
  readonly file: string;
  /** In the order of the file; of a file with problems none. */
  readonly policies: readonly ReadPolicyRecord[];
  /** Why the file cannot be taken as it is, a line each. */
  readonly problems: readonly string[];
}

export type FolderReading =
  /** All files that hold policies or mean to, by name; others, as Pipelines, are not among them. */
  | { readonly kind: 'read'; readonly files: readonly FolderFile[] }
  /** Nothing is known of any file. */
  | { readonly kind: 'unreadable'; readonly why: string };

export interface PolicyFolder {
  /** @param known files that had policies: they are read though nothing in them looks like one. */
  read(known: ReadonlySet<string>): Promise<FolderReading>;
  /** Calls `listener` when reading again may be worth it. Returns the unsubscriber. */
  onChange(listener: () => void): () => void;
  close(): Promise<void>;
}
