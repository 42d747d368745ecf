/**
 * A reflector: keeps the objects of one collection in memory as they are on the server, by a
 * list and a watch, through everything that servers and networks do.
 *
 * Always true: it never gives up, and never asks in a hot loop; what it does not know for
 * certain to be fresh it says in `doubt`.
 */

import type { RawObject } from '../api.ts';
import { BackOff } from '../back-off.ts';
import { Listeners } from '../listeners.ts';
import { MACHINE_TIME, pause, type Time } from '../time.ts';
import { wordsFor } from '../transport/words.ts';
import { Contents } from './contents.ts';
import { Doubts } from './doubts.ts';
import { Progress } from './progress.ts';
import { readList } from './read-list.ts';
import { readWatch, type WatchEnd } from './read-watch.ts';
import type { ReflectBounds, Reflection, ReflectOptions } from './reflection.ts';
import { SharedRuns } from './shared-runs.ts';

export const DEFAULT_BOUNDS: ReflectBounds = {
  pageSize: 500,
  watchMs: 600_000,
  silenceMs: 120_000,
  relistEveryMs: 600_000,
  doubtAfterMs: 10_000,
  pauseMinMs: 200,
  pauseMaxMs: 3_000,
};

/** A watch that lived so long was sound: what ends it is no reason to wait. */
const SOUND_AFTER_MS = 10_000;
/** A deletion that a list shows may still be on its way in the watch, with the object's last state. */
const DELETION_GRACE_MS = 250;

export function reflect<T>(options: ReflectOptions<T>): Reflection<T> {
  const reflector = new Reflector(options);
  reflector.run();
  return reflector;
}

class Reflector<T> implements Reflection<T> {
  readonly #options: ReflectOptions<T>;
  readonly #bounds: ReflectBounds;
  readonly #time: Time;
  readonly #query: Readonly<Record<string, string>>;
  readonly #contents: Contents<T>;
  readonly #doubts: Doubts;
  readonly #progress = new Progress();
  readonly #changed: Listeners<[]>;
  readonly #removed: Listeners<[uid: string, last: T]>;
  readonly #closing = new AbortController();
  readonly #lists = new SharedRuns(() => this.#list());
  #running: Promise<unknown> = Promise.resolve();
  #cancelRelist: () => void = () => {};
  #cancelWatch: () => void = () => {};
  #isWatching = false;
  /** From where to watch; null: list first. */
  #position: string | null = null;
  #toldChanges = 0;
  synced = false;
  lists = 0;
  lastEventAtMs: number | null = null;

  constructor(options: ReflectOptions<T>) {
    const { path, labelSelector, fieldSelector, log, time = MACHINE_TIME } = options;
    this.#options = options;
    this.#bounds = { ...DEFAULT_BOUNDS, ...options.bounds };
    this.#time = time;
    this.#query = {
      ...(labelSelector === undefined ? {} : { labelSelector }),
      ...(fieldSelector === undefined ? {} : { fieldSelector }),
    };
    this.#changed = new Listeners(log);
    this.#removed = new Listeners(log);
    this.#doubts = new Doubts({ path, log, time, doubtAfterMs: this.#bounds.doubtAfterMs });
    this.#contents = new Contents({
      project: (raw) => this.#project(raw),
      isNews: options.isNews ?? (() => true),
      onGone: (uid, last) => {
        this.#doubts.readable(uid);
        if (last !== null) this.#removed.tell(uid, last);
      },
    });
  }

  run(): void {
    this.#running = this.#watchForEver();
    this.#armRelist();
  }

  items(): ReadonlyMap<string, T> {
    return this.#contents.items;
  }

  get version(): number {
    return this.#contents.changes;
  }

  doubt(): string | null {
    return this.#doubts.sentence(this.synced);
  }

  onChange(listener: () => void): () => void {
    return this.#changed.add(listener);
  }

  onRemove(listener: (uid: string, last: T) => void): () => void {
    return this.#removed.add(listener);
  }

  relist(signal: AbortSignal): Promise<void> {
    const closing = this.#closing.signal;
    return new Promise((resolve, reject) => {
      const giveUp = () => reject(signal.aborted ? signal.reason : new Error('the reflection is closed'));
      if (signal.aborted || closing.aborted) return giveUp();
      signal.addEventListener('abort', giveUp);
      closing.addEventListener('abort', giveUp);
      void this.#lists
        .ask()
        .then(resolve, reject)
        .finally(() => {
          signal.removeEventListener('abort', giveUp);
          closing.removeEventListener('abort', giveUp);
        });
    });
  }

  reached(version: string, signal: AbortSignal): Promise<void> {
    return this.#progress.reached(version, signal);
  }

  read(raw: RawObject): void {
    this.#contents.put(raw);
    this.#tell();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#cancelRelist();
    this.#doubts.close();
    await this.#running;
  }

  get #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  async #watchForEver(): Promise<void> {
    const { pauseMinMs, pauseMaxMs } = this.#bounds;
    const backOff = new BackOff(this.#time, pauseMinMs, pauseMaxMs);
    let wasGone = false;
    while (!this.#isClosed) {
      if (this.#position === null) await this.#lists.ask();
      // A list that found the cluster rebuilt has left no position.
      if (this.#position === null || this.#isClosed) continue;
      const startedMs = this.#time.steadyMs();
      const end = await this.#watch(this.#position);
      if (this.#isClosed) return;
      const isSound = this.#time.steadyMs() - startedMs >= SOUND_AFTER_MS;
      if (isSound) backOff.reset();
      // A server that was started anew remembers nothing: it is there, and a list is all it takes.
      const isToList = end.kind === 'gone' && !wasGone;
      wasGone = end.kind === 'gone';
      if (isToList || (isSound && end.kind === 'ended')) continue;
      const retryAfterMs = end.kind === 'failed' ? end.retryAfterMs : null;
      await pause(this.#time, backOff.nextMs(retryAfterMs), this.#closing.signal);
    }
  }

  async #watch(version: string): Promise<WatchEnd> {
    const { cluster, path } = this.#options;
    const controller = new AbortController();
    this.#cancelWatch = () => controller.abort();
    this.#closing.signal.addEventListener('abort', this.#cancelWatch);
    const end = await readWatch({
      cluster,
      path,
      query: this.#query,
      version,
      watchMs: this.#bounds.watchMs * (0.5 + this.#time.random() / 2),
      silenceMs: this.#bounds.silenceMs,
      signal: controller.signal,
      time: this.#time,
      onPut: (raw) => this.#contents.put(raw),
      onRemove: (raw) => this.#contents.remove(raw),
      onChunk: (upTo) => {
        this.#tell();
        this.#progress.advance(upTo);
      },
      onSettled: () => this.#settled(),
    });
    this.#closing.signal.removeEventListener('abort', this.#cancelWatch);
    this.#isWatching = false;
    // Given up because a list found the cluster rebuilt: then the position is not this watch's.
    if (controller.signal.aborted) return end;
    this.#position = end.kind === 'gone' ? null : end.version;
    this.#doubts.broken(wordsOf(end));
    // Nobody knows for how long this connection had been dead.
    if (end.kind === 'silent') void this.#lists.ask();
    return end;
  }

  #settled(): void {
    this.#isWatching = true;
    this.lastEventAtMs = this.#time.wallMs();
    this.#doubts.settled();
  }

  /** Until it has succeeded, or the reflection is closed. */
  async #list(): Promise<void> {
    const { cluster, path } = this.#options;
    const { pageSize, pauseMinMs, pauseMaxMs } = this.#bounds;
    const { signal } = this.#closing;
    const backOff = new BackOff(this.#time, pauseMinMs, pauseMaxMs);
    while (!this.#isClosed) {
      this.#contents.beginList();
      const end = await readList({
        cluster,
        path,
        query: this.#query,
        pageSize,
        signal,
        time: this.#time,
        backOff,
        onObject: (raw) => this.#contents.listed(raw),
        onPage: (version) => this.#isOfOurTime(version),
      });
      if (end.kind === 'listed' && (await this.#finishList(end.version))) return;
      if (end.kind === 'failed') this.#doubts.listFailed(end.why);
      const retryAfterMs = end.kind === 'failed' ? end.retryAfterMs : null;
      await pause(this.#time, backOff.nextMs(retryAfterMs), signal);
    }
  }

  #isOfOurTime(version: string): boolean {
    this.#tell();
    if (!this.#contents.isBackInTime(version)) return true;
    this.#options.log.warn(
      { path: this.#options.path },
      'The cluster was rebuilt or restored: all is listed anew',
    );
    this.#position = null;
    this.#progress.reset();
    this.#cancelWatch();
    return false;
  }

  async #finishList(version: string): Promise<boolean> {
    const { signal } = this.#closing;
    if (this.#isWatching && this.#contents.missing(version) > 0) {
      await pause(this.#time, DELETION_GRACE_MS, signal);
    }
    if (this.#isClosed || !this.#contents.endList(version)) return false;
    this.synced = true;
    this.lists += 1;
    this.#position ??= version;
    this.#tell();
    this.#progress.advance(version);
    this.#armRelist();
    return true;
  }

  /** Counted from the last list, whoever asked for it. */
  #armRelist(): void {
    this.#cancelRelist();
    const delayMs = this.#bounds.relistEveryMs * (0.9 + this.#time.random() / 5);
    this.#cancelRelist = this.#time.after(delayMs, () => void this.#lists.ask());
  }

  #project(raw: RawObject): T | null | undefined {
    const { uid, name, namespace = '' } = raw.metadata;
    try {
      const item = this.#options.project(raw);
      this.#doubts.readable(uid);
      return item;
    } catch (error) {
      this.#doubts.unreadable(uid, `${namespace}/${name}`, wordsFor(error));
      return undefined;
    }
  }

  #tell(): void {
    if (this.#contents.changes === this.#toldChanges) return;
    this.#toldChanges = this.#contents.changes;
    this.#changed.tell();
  }
}

function wordsOf(end: WatchEnd): string {
  switch (end.kind) {
    case 'ended':
      return 'the server ended the watch';
    case 'gone':
      return 'the server has forgotten what happened since';
    case 'silent':
      return 'the server was silent';
    case 'failed':
      return end.why;
  }
}
