/**
 * Follows all objects of a kind: lists them once, then watches, and goes on where it was cut
 * when the API server goes away. What happened in between comes afterwards, in its order.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { type ApiClient, ApiError } from './api-client.ts';
import type { KubeObject, Place, Resource } from './resources.ts';
import type { WatchEvent } from './watch.ts';

export interface Followed<Kind extends KubeObject> {
  readonly resource: Resource<Kind>;
  readonly place: Place;
  /** Called for every state of every object, in the order of etcd's revisions. */
  readonly see: (object: Kind, deleted: boolean) => void;
  /** Called after each event, and once after all objects of a list, which has no order in time. */
  readonly settled: () => void;
}

const RECONNECT_MS = 100;
const GONE = 410;

export class Follower<Kind extends KubeObject> {
  readonly #admin: ApiClient;
  readonly #followed: Followed<Kind>;
  readonly #present = new Map<string, Kind>();
  readonly #stop = new AbortController();
  #version = '';
  #relists = -1;
  #loop: Promise<void> = Promise.resolve();

  private constructor(admin: ApiClient, followed: Followed<Kind>) {
    this.#admin = admin;
    this.#followed = followed;
  }

  /** Resolves when everything that exists has been seen. */
  static async open<Kind extends KubeObject>(
    admin: ApiClient,
    followed: Followed<Kind>,
  ): Promise<Follower<Kind>> {
    const follower = new Follower(admin, followed);
    await follower.#list();
    follower.#loop = follower.#watch();
    return follower;
  }

  /** How often it was away for longer than the server remembers, so that states may be missed. */
  get relists(): number {
    return this.#relists;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  async #list(): Promise<void> {
    const { resource, place } = this.#followed;
    const { metadata, items } = await this.#admin.list(resource, place);
    const listed = new Set(items.map((object) => object.metadata.uid ?? ''));
    for (const [uid, object] of this.#present) if (!listed.has(uid)) this.#see(object, true);
    for (const object of items) this.#see(object, false);
    this.#followed.settled();
    this.#version = metadata.resourceVersion;
    this.#relists += 1;
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        if (!(await this.#watchOnce())) await this.#list();
      } catch {
        // The server went away, or we are closed: the loop's condition knows.
      }
      if (!signal.aborted) await pause(RECONNECT_MS);
    }
  }

  /** False when the server no longer knows where we were: it says so in an event, or at once. */
  async #watchOnce(): Promise<boolean> {
    const { resource, place } = this.#followed;
    const query = { ...place.query, resourceVersion: this.#version };
    try {
      for await (const event of this.#admin.watch(resource, { ...place, query }, this.#stop.signal)) {
        if (!this.#take(event)) return false;
      }
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.status === GONE) return false;
      throw error;
    }
  }

  /** False when the server no longer knows where we were. */
  #take(event: WatchEvent<Kind>): boolean {
    if (event.type === 'ERROR') return false;
    this.#version = event.object.metadata.resourceVersion ?? this.#version;
    if (event.type === 'BOOKMARK') return true;
    this.#see(event.object, event.type === 'DELETED');
    this.#followed.settled();
    return true;
  }

  #see(object: Kind, deleted: boolean): void {
    const { uid = '' } = object.metadata;
    if (deleted) this.#present.delete(uid);
    else this.#present.set(uid, object);
    this.#followed.see(object, deleted);
  }
}
