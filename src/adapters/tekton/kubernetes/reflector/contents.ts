/**
 * What a reflector knows, and how lists and events that repeat, overtake or contradict each
 * other become one state. Nothing here waits or asks.
 *
 * Always true: of two states of an object the one with the higher resource version stays; an
 * object that is gone does not come back by an older word of it; of two objects under one name
 * only the younger is there; whatever leaves is told exactly once, with its last state.
 * Versions are compared as numbers, which Kubernetes guarantees for its own storage
 * (KEP-5504); where they are none, the later word counts.
 */
import type { RawObject } from '../api.ts';

/** Remembered deletions, against late words of the dead. More than any server sends out of order. */
const GONE_MAX = 10_000;

interface Known {
  readonly namespace: string;
  readonly name: string;
  version: number;
  /** The list in which it was seen last. */
  listedIn: number;
}

export interface ContentsOptions<T> {
  /** Null: nothing of it is used. Undefined: it cannot be read, so what was known stays. */
  readonly project: (raw: RawObject) => T | null | undefined;
  readonly isNews: (before: T, after: T) => boolean;
  /** `last` is null where nothing of it was ever used. */
  readonly onGone: (uid: string, last: T | null) => void;
}

export class Contents<T> {
  readonly items = new Map<string, T>();
  /** Grows with each change of `items` that is news. */
  changes = 0;
  readonly #options: ContentsOptions<T>;
  readonly #known = new Map<string, Known>();
  readonly #uids = new Map<string, Map<string, string>>();
  readonly #gone = new Map<string, number>();
  /** All that happened up to here was in a list. */
  #listedUpTo = 0;
  #highest = 0;
  #list = 0;
  #highestBeforeList = 0;
  #hasForgotten = false;

  constructor(options: ContentsOptions<T>) {
    this.#options = options;
  }

  /** An object was added or changed, by a watch. */
  put(raw: RawObject): void {
    const version = this.#versionOf(raw);
    const known = this.#known.get(raw.metadata.uid);
    if (known === undefined && version <= this.#listedUpTo) return;
    this.#take(raw, version, known);
    if (Number.isNaN(version)) this.#seen(raw.metadata.uid);
  }

  /** An object was deleted, or left the selector, by a watch. */
  remove(raw: RawObject): void {
    const { uid } = raw.metadata;
    const version = this.#versionOf(raw);
    const known = this.#known.get(uid);
    if (known !== undefined && version < known.version) return;
    const goneAt = this.#gone.get(uid);
    if (known === undefined && goneAt !== undefined && !(version > goneAt)) return;
    this.#drop(uid, this.#options.project(raw), version);
  }

  beginList(): void {
    this.#list += 1;
    this.#highestBeforeList = this.#highest;
    this.#hasForgotten = false;
  }

  /** An object of the list that was begun. */
  listed(raw: RawObject): void {
    this.#take(raw, this.#versionOf(raw), this.#known.get(raw.metadata.uid));
    this.#seen(raw.metadata.uid);
  }

  /**
   * True when the list is of a version before what was known: the cluster was rebuilt or restored.
   * Then all versions known mean nothing, and the list has to be begun again.
   */
  isBackInTime(version: string): boolean {
    if (!(Number(version) < this.#highestBeforeList)) return false;
    for (const known of this.#known.values()) known.version = 0;
    this.#gone.clear();
    this.#listedUpTo = 0;
    this.#highest = 0;
    return true;
  }

  /** How many objects the list, read to its end, does not show though it should. */
  missing(version: string): number {
    return [...this.#missing(Number(version))].length;
  }

  /**
   * Removes what the list did not show. False when too much was deleted meanwhile to be sure
   * that the list brought nothing back: it has to be begun again.
   */
  endList(version: string): boolean {
    if (this.#hasForgotten) return false;
    const listVersion = Number(version);
    for (const uid of this.#missing(listVersion)) this.#drop(uid, null, listVersion);
    if (listVersion > this.#listedUpTo) this.#listedUpTo = listVersion;
    return true;
  }

  *#missing(listVersion: number): Generator<string> {
    for (const [uid, known] of this.#known) {
      if (known.listedIn !== this.#list && !(known.version > listVersion)) yield uid;
    }
  }

  #seen(uid: string): void {
    const known = this.#known.get(uid);
    if (known !== undefined) known.listedIn = this.#list;
  }

  #take(raw: RawObject, version: number, known: Known | undefined): void {
    const { uid, name, namespace = '' } = raw.metadata;
    if (known !== undefined && version <= known.version) return;
    const goneAt = this.#gone.get(uid);
    if (known === undefined && goneAt !== undefined && version <= goneAt) return;
    if (!this.#isHeir(uid, namespace, name, version)) return;
    const item = this.#options.project(raw);
    if (item === null) {
      if (known !== undefined) this.#drop(uid, null, version);
      return;
    }
    if (item !== undefined) {
      const before = this.items.get(uid);
      this.items.set(uid, item);
      if (before === undefined || this.#options.isNews(before, item)) this.changes += 1;
    }
    if (known !== undefined) {
      known.version = version;
      return;
    }
    this.#gone.delete(uid);
    this.#known.set(uid, { namespace, name, version, listedIn: 0 });
    const names = this.#uids.get(namespace) ?? new Map<string, string>();
    this.#uids.set(namespace, names.set(name, uid));
  }

  /** Under this name there is nobody else, or an older object, which is removed. */
  #isHeir(uid: string, namespace: string, name: string, version: number): boolean {
    const otherUid = this.#uids.get(namespace)?.get(name);
    const other = otherUid === undefined || otherUid === uid ? undefined : this.#known.get(otherUid);
    if (otherUid === undefined || other === undefined) return true;
    if (version < other.version) {
      this.#bury(uid, other.version);
      return false;
    }
    this.#drop(otherUid, null, version);
    return true;
  }

  /** `last` null: what was known last. */
  #drop(uid: string, last: T | null | undefined, version: number): void {
    const state = last ?? this.items.get(uid) ?? null;
    const known = this.#known.get(uid);
    if (this.items.delete(uid)) this.changes += 1;
    if (known !== undefined) {
      this.#known.delete(uid);
      const names = this.#uids.get(known.namespace);
      if (names?.get(known.name) === uid) names.delete(known.name);
      if (names?.size === 0) this.#uids.delete(known.namespace);
    }
    this.#bury(uid, version);
    this.#options.onGone(uid, state);
  }

  #bury(uid: string, version: number): void {
    this.#gone.delete(uid);
    this.#gone.set(uid, version);
    if (this.#gone.size <= GONE_MAX) return;
    for (const oldest of this.#gone.keys()) {
      this.#gone.delete(oldest);
      this.#hasForgotten = true;
      return;
    }
  }

  #versionOf({ metadata }: RawObject): number {
    const version = /^\d+$/.test(metadata.resourceVersion) ? Number(metadata.resourceVersion) : Number.NaN;
    if (version > this.#highest) this.#highest = version;
    return version;
  }
}
