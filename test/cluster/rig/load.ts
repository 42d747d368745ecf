/**
 * What the runs of a test cost the cluster: Pods at the same time, and writes to etcd.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { ApiClient } from '../client/api-client.ts';
import { Follower } from '../client/follow.ts';
import { PODS, type Pod, type Resource } from '../client/resources.ts';
import type { Rig } from './rig.ts';

export interface Load {
  /** The most Pods that were there and not finished at the same time. */
  readonly podsPeak: number;
  /** Writes to etcd, by anybody. */
  readonly revisions: number;
  readonly databaseBytesPeak: number;
}

const LOOK_MS = 250;

/** Measures until it is closed, and then says what it saw. */
export class LoadMeter {
  readonly #rig: Rig;
  readonly #stop = new AbortController();
  readonly #unfinished = new Set<string>();
  #loop: Promise<void> = Promise.resolve();
  #pods: Follower<Pod> | null = null;
  #podsPeak = 0;
  #databaseBytesPeak = 0;
  #firstRevision = 0;
  #lastRevision = 0;

  private constructor(rig: Rig) {
    this.#rig = rig;
  }

  static async open(admin: ApiClient, rig: Rig): Promise<LoadMeter> {
    const meter = new LoadMeter(rig);
    meter.#pods = await Follower.open(admin, {
      resource: PODS,
      place: {},
      see: (pod, deleted) => meter.#see(pod, deleted),
      settled: () => {
        meter.#podsPeak = Math.max(meter.#podsPeak, meter.#unfinished.size);
      },
    });
    meter.#firstRevision = (await rig.etcd()).revision;
    meter.#loop = meter.#lookAtEtcd();
    return meter;
  }

  async close(): Promise<Load> {
    this.#stop.abort();
    await this.#loop;
    await this.#pods?.close();
    await this.#look();
    const revisions = this.#lastRevision - this.#firstRevision;
    return { podsPeak: this.#podsPeak, revisions, databaseBytesPeak: this.#databaseBytesPeak };
  }

  #see(pod: Pod, deleted: boolean): void {
    const { uid = '' } = pod.metadata;
    const phase = pod.status?.phase;
    if (deleted || phase === 'Succeeded' || phase === 'Failed') this.#unfinished.delete(uid);
    else this.#unfinished.add(uid);
  }

  async #lookAtEtcd(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.#look();
      await pause(LOOK_MS);
    }
  }

  async #look(): Promise<void> {
    const { revision, databaseBytes } = await this.#rig.etcd();
    this.#lastRevision = revision;
    this.#databaseBytesPeak = Math.max(this.#databaseBytesPeak, databaseBytes);
  }
}

/** How many objects of a kind there are in the whole cluster, without fetching them. */
export async function countObjects(admin: ApiClient, resource: Resource): Promise<number> {
  const list = await admin.list(resource, { query: { limit: '1' } });
  return list.items.length + (list.metadata.remainingItemCount ?? 0);
}
