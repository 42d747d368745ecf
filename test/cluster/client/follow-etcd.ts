/**
 * Follows custom resources in etcd itself, below the API server: every state of every
 * object, in order, also what was written around a moment when the API server went away.
 * Through etcd's JSON gateway (https://etcd.io/docs/v3.6/dev-guide/api_grpc_gateway/).
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { KubeObject } from './resources.ts';

export interface FollowedKeys<Kind extends KubeObject> {
  /** All keys that begin so. */
  readonly prefix: string;
  readonly see: (object: Kind, deleted: boolean) => void;
  readonly settled: () => void;
}

interface KeyValue {
  readonly value?: string;
  readonly mod_revision: string;
}

interface EtcdEvent {
  /** PUT is the default and left out. */
  readonly type?: 'DELETE';
  readonly kv: KeyValue;
  readonly prev_kv?: KeyValue;
}

const RECONNECT_MS = 100;

export class EtcdFollower<Kind extends KubeObject> {
  /** Nothing is ever missed here: etcd keeps what was written for minutes. */
  readonly relists = 0;
  readonly #url: string;
  readonly #followed: FollowedKeys<Kind>;
  readonly #stop = new AbortController();
  #nextRevision = 0;
  #loop: Promise<void> = Promise.resolve();

  private constructor(url: string, followed: FollowedKeys<Kind>) {
    this.#url = url;
    this.#followed = followed;
  }

  static async open<Kind extends KubeObject>(
    url: string,
    followed: FollowedKeys<Kind>,
  ): Promise<EtcdFollower<Kind>> {
    const follower = new EtcdFollower(url, followed);
    await follower.#list();
    follower.#loop = follower.#watch();
    return follower;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  async #list(): Promise<void> {
    const response = await this.#post('/v3/kv/range', this.#keys());
    const { header, kvs = [] } = (await response.json()) as {
      readonly header: { readonly revision: string };
      readonly kvs?: readonly KeyValue[];
    };
    for (const kv of kvs) this.#followed.see(objectIn(kv), false);
    this.#followed.settled();
    this.#nextRevision = Number(header.revision) + 1;
  }

  async #watch(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        await this.#watchOnce();
      } catch (error) {
        if (error instanceof Compacted) throw error;
        // etcd went away, or we are closed: the loop's condition knows.
      }
      if (!this.#stop.signal.aborted) await pause(RECONNECT_MS);
    }
  }

  async #watchOnce(): Promise<void> {
    const request = { ...this.#keys(), start_revision: String(this.#nextRevision), prev_kv: true };
    const response = await this.#post('/v3/watch', { create_request: request });
    const decoder = new TextDecoder();
    let rest = '';
    for await (const chunk of response.body ?? []) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line !== '') this.#take(line);
    }
  }

  #take(line: string): void {
    const { result } = JSON.parse(line) as {
      readonly result: { readonly events?: readonly EtcdEvent[]; readonly compact_revision?: string };
    };
    if (Number(result.compact_revision ?? 0) > 0) throw new Compacted();
    for (const { type, kv, prev_kv: before } of result.events ?? []) {
      const last = type === 'DELETE' ? before : kv;
      if (last !== undefined) this.#followed.see(objectIn(last), type === 'DELETE');
      this.#followed.settled();
      this.#nextRevision = Number(kv.mod_revision) + 1;
    }
  }

  #keys(): { readonly key: string; readonly range_end: string } {
    const key = Buffer.from(this.#followed.prefix);
    const end = Buffer.from(key);
    // The first key that does not begin so: the last byte, `/`, one higher.
    end[end.length - 1] = (end.at(-1) ?? 0) + 1;
    return { key: key.toString('base64'), range_end: end.toString('base64') };
  }

  #post(path: string, body: object): Promise<Response> {
    return fetch(`${this.#url}${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      signal: this.#stop.signal,
    });
  }
}

class Compacted extends Error {
  constructor() {
    super('etcd was away for so long that it forgot what was written meanwhile');
  }
}

function objectIn<Kind extends KubeObject>({ value = '' }: KeyValue): Kind {
  return JSON.parse(Buffer.from(value, 'base64').toString('utf8')) as Kind;
}
