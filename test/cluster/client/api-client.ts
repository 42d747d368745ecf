/**
 * The verbs of the Kubernetes API, for tests and for bringing a cluster up.
 *
 * Whatever the server refuses is an `ApiError` with the status and reason it gave; nothing
 * is tried again here, because tests look at single answers.
 */
import { type Access, readKubeconfig } from './kubeconfig.ts';
import { type KubeObject, type Place, pathOf, type Resource } from './resources.ts';
import { type Answer, type Call, Transport } from './transport.ts';
import { eventsOf, type WatchEvent } from './watch.ts';

export class ApiError extends Error {
  readonly status: number;
  readonly reason: string;

  constructor(call: Call, answer: Answer) {
    const { reason, message } = (answer.body ?? {}) as {
      readonly reason?: string;
      readonly message?: string;
    };
    super(`${call.method} ${call.path}: ${answer.status} ${reason ?? ''} ${message ?? String(answer.body)}`);
    this.status = answer.status;
    this.reason = reason ?? '';
  }
}

export interface ObjectList<Kind extends KubeObject> {
  readonly metadata: {
    readonly resourceVersion: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
  readonly items: readonly Kind[];
}

/** JSON patch, merge patch or server-side apply, by the shape and the name. */
export type Patch =
  | { readonly kind: 'json'; readonly operations: readonly object[] }
  | { readonly kind: 'merge'; readonly object: object };

const FIELD_MANAGER = 'penstock-rig';
/** No event for so long, not even a bookmark: bookmarks come every minute. */
const WATCH_SILENCE_MS = 180_000;

export class ApiClient {
  readonly access: Access;
  readonly #transport: Transport;
  readonly #kinds = new Map<string, Resource>();

  constructor(access: Access) {
    this.access = access;
    this.#transport = new Transport(access);
  }

  static of(kubeconfig: string): ApiClient {
    return new ApiClient(readKubeconfig(kubeconfig));
  }

  /** The answer as it is, refused or not. */
  raw(call: Call): Promise<Answer> {
    return this.#transport.call(call);
  }

  async get<Kind extends KubeObject>(resource: Resource<Kind>, place: Place): Promise<Kind> {
    return (await this.#done({ method: 'GET', path: pathOf(resource, place) })) as Kind;
  }

  /** Null when there is none. */
  async find<Kind extends KubeObject>(resource: Resource<Kind>, place: Place): Promise<Kind | null> {
    try {
      return await this.get(resource, place);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return null;
      throw error;
    }
  }

  async list<Kind extends KubeObject>(
    resource: Resource<Kind>,
    place: Place = {},
  ): Promise<ObjectList<Kind>> {
    return (await this.#done({ method: 'GET', path: pathOf(resource, place) })) as ObjectList<Kind>;
  }

  async create<Kind extends KubeObject>(
    resource: Resource<Kind>,
    object: Kind,
    place: Place = {},
  ): Promise<Kind> {
    const { namespace } = { namespace: object.metadata.namespace, ...place };
    const where = { ...place, ...(namespace === undefined ? {} : { namespace }) };
    return (await this.#done({ method: 'POST', path: pathOf(resource, where), body: object })) as Kind;
  }

  async patch<Kind extends KubeObject>(resource: Resource<Kind>, place: Place, patch: Patch): Promise<Kind> {
    const body = patch.kind === 'json' ? patch.operations : patch.object;
    const contentType =
      patch.kind === 'json' ? 'application/json-patch+json' : 'application/merge-patch+json';
    return (await this.#done({ method: 'PATCH', path: pathOf(resource, place), body, contentType })) as Kind;
  }

  /** Returns whether there was something to delete. Its dependants go in the background. */
  async delete(resource: Resource, place: Place): Promise<boolean> {
    const path = pathOf(resource, place);
    const answer = await this.raw({ method: 'DELETE', path, body: { propagationPolicy: 'Background' } });
    if (answer.status >= 400 && answer.status !== 404) throw new ApiError({ method: 'DELETE', path }, answer);
    return answer.status !== 404;
  }

  /** Server-side apply of a whole object, forced; its resource is found by its kind. */
  async apply<Kind extends KubeObject>(object: Kind, fieldManager = FIELD_MANAGER): Promise<Kind> {
    const resource = await this.resourceOf(object);
    const { name = '', namespace } = object.metadata;
    const query = { fieldManager, force: 'true' };
    const place = { name, query, ...(namespace === undefined ? {} : { namespace }) };
    return (await this.#done({
      method: 'PATCH',
      path: pathOf(resource, place),
      contentType: 'application/apply-patch+yaml',
      body: object,
    })) as Kind;
  }

  /** One watch connection; ends when the server ends it or `signal` is aborted. */
  async *watch<Kind extends KubeObject>(
    resource: Resource<Kind>,
    place: Place,
    signal: AbortSignal,
  ): AsyncGenerator<WatchEvent<Kind>> {
    const path = pathOf(resource, {
      ...place,
      query: { watch: '1', allowWatchBookmarks: 'true', ...place.query },
    });
    const call: Call = { method: 'GET', path, signal, timeoutMs: WATCH_SILENCE_MS };
    const response = await this.#transport.open(call);
    if (response.statusCode !== 200) {
      response.destroy();
      throw new ApiError(call, {
        status: response.statusCode ?? 0,
        headers: response.headers,
        body: 'no watch',
      });
    }
    yield* eventsOf<Kind>(response);
  }

  close(): void {
    this.#transport.close();
  }

  async #done(call: Call): Promise<unknown> {
    const answer = await this.raw(call);
    if (answer.status >= 400) throw new ApiError(call, answer);
    return answer.body;
  }

  async resourceOf({ apiVersion = '', kind = '' }: KubeObject): Promise<Resource> {
    const key = `${apiVersion}/${kind}`;
    const known = this.#kinds.get(key);
    if (known !== undefined) return known;
    const api = apiVersion.includes('/') ? `apis/${apiVersion}` : `api/${apiVersion}`;
    const { resources } = (await this.#done({ method: 'GET', path: `/${api}` })) as {
      readonly resources: readonly {
        readonly name: string;
        readonly kind: string;
        readonly namespaced: boolean;
      }[];
    };
    const found = resources.find((one) => one.kind === kind && !one.name.includes('/'));
    if (found === undefined) throw new Error(`${apiVersion} of this cluster has no kind ${kind}`);
    const resource = { api, plural: found.name, namespaced: found.namespaced };
    this.#kinds.set(key, resource);
    return resource;
  }
}
