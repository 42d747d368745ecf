/**
 * The runs of the cluster as they are received: each PipelineRun cut down to what is used of
 * it, and found again by the name people know it by.
 *
 * Always true: an id leads to at most one object; what a run needs is read from it until it
 * starts and stays as it was from then on, whatever is written on it later.
 */
import type { RunId } from '../../../core/model/run.ts';
import type { RawObject } from '../kubernetes/api.ts';
import type { NeedsReader } from '../needs/needs-reader.ts';
import { ContentHashes } from './content-hash.ts';
import { type Fixed, type SeenRun, type SeenRunSettings, seenRun } from './seen-run.ts';

export interface RunProjectionParts {
  readonly settings: SeenRunSettings;
  /** Asked for each object: it is made anew when the known pools change. */
  readonly reader: () => NeedsReader;
  readonly labelsOfNamespace: (namespace: string) => Readonly<Record<string, string>>;
}

interface Known extends Fixed {
  readonly id: RunId;
  readonly wasPending: boolean;
}

export class RunProjection {
  readonly #parts: RunProjectionParts;
  readonly #known = new Map<string, Known>();
  readonly #uids = new Map<RunId, string>();
  readonly #contents = new ContentHashes();

  constructor(parts: RunProjectionParts) {
    this.#parts = parts;
  }

  /** For a reflector. */
  project = (raw: RawObject): SeenRun => {
    const { uid } = raw.metadata;
    const known = this.#known.get(uid);
    const contentHash = known?.contentHash ?? this.#contents.of(raw);
    const needs =
      known === undefined || known.wasPending
        ? this.#parts.reader()(raw, this.#parts.labelsOfNamespace(raw.metadata.namespace ?? ''))
        : known.needs;
    const seen = seenRun(raw, { contentHash, needs }, this.#parts.settings);
    this.#known.set(uid, { id: seen.id, contentHash, needs, wasPending: seen.isPending });
    this.#uids.set(seen.id, uid);
    return seen;
  };

  uidOf(id: RunId): string | null {
    return this.#uids.get(id) ?? null;
  }

  /** The object is gone. */
  drop(uid: string): void {
    const known = this.#known.get(uid);
    if (known === undefined) return;
    this.#known.delete(uid);
    this.#uids.delete(known.id);
  }
}
