/**
 * What a reflector offers: the objects of one collection as they were a moment ago, in memory.
 */
import type { Log } from '../../../../ports/log.ts';
import type { Cluster, RawObject } from '../api.ts';
import type { Time } from '../time.ts';

export interface Reflection<T> {
  /**
   * By uid. Always the same map, live: it changes only between turns of the event loop, so a
   * synchronous pass sees one state; a caller that awaits must read it anew. A value is replaced
   * when its object changes and never changed itself: the same value means an unchanged object.
   */
  items(): ReadonlyMap<string, T>;
  /** Grows whenever `items()` changes in a way that is news. */
  readonly version: number;
  /** One whole list has been merged. Stays true; whether it is still fresh says `doubt`. */
  readonly synced: boolean;
  /** Why what is shown may be stale, with since when; null while there is no reason to think so. */
  doubt(): string | null;
  /** Whole lists that were merged. */
  readonly lists: number;
  /** When an event or bookmark last came, since the epoch; null before the first. */
  readonly lastEventAtMs: number | null;
  /** Called after `version` grew, once for all events that came together. Returns the unsubscriber. */
  onChange(listener: () => void): () => void;
  /**
   * Called once for each object that is gone, with its last state: that of its deletion, or the
   * last one seen where a list found it missing. Also for one whose only sign of life was its deletion.
   */
  onRemove(listener: (uid: string, last: T) => void): () => void;
  /**
   * Resolves when a consistent list that began after this call has been merged: every write
   * answered before the call shows then. Rejects when the signal fires or the reflection is closed.
   */
  relist(signal: AbortSignal): Promise<void>;
  /**
   * Resolves once `items()` shows everything up to this resource version. Rejects when the signal
   * fires first, as it must where nothing later than that version is ever told.
   */
  reached(version: string, signal: AbortSignal): Promise<void>;
  /** Takes in an object of the collection that somebody has read by itself. */
  read(raw: RawObject): void;
  close(): Promise<void>;
}

export interface ReflectOptions<T> {
  readonly cluster: Cluster;
  /** The collection: `/apis/tekton.dev/v1/pipelineruns`, or of one namespace. */
  readonly path: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /**
   * Keeps what is used of an object, or null where nothing is; the object itself is forgotten.
   * Must not throw: an object that makes it throw is logged and puts the reflection in doubt.
   */
  readonly project: (raw: RawObject) => T | null;
  /**
   * False where nobody needs to look again for what changed of an object: `items()` shows it, and
   * neither does `version` grow nor is a listener told. Absent: every change is news.
   */
  readonly isNews?: (before: T, after: T) => boolean;
  readonly log: Log;
  readonly time?: Time;
  readonly bounds?: Partial<ReflectBounds>;
}

export interface ReflectBounds {
  /** Objects asked for in one page of a list. */
  readonly pageSize: number;
  /** After this long the server ends a watch, and it is opened again: 5 to 10 minutes is usual. */
  readonly watchMs: number;
  /** Without a byte for this long a connection is taken for dead. Servers send a bookmark each minute. */
  readonly silenceMs: number;
  /** Between lists that check what the watch has brought. */
  readonly relistEveryMs: number;
  /** Without a watch for this long, what is shown is in doubt. */
  readonly doubtAfterMs: number;
  /** Back-off: the first pause and the longest. */
  readonly pauseMinMs: number;
  readonly pauseMaxMs: number;
}
