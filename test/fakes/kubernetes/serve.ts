/** Everything but watches that a fake API server does: lists by page, reads and writes of one object. */
import { apiVersionOf, type Target } from './kinds.ts';
import { type FakeObject, type ObjectStore, Refusal } from './objects.ts';
import { jsonPatched, mergePatched } from './patches.ts';
import { selectorOf } from './selectors.ts';

export interface Asked {
  readonly method: string;
  readonly target: Target;
  readonly query: URLSearchParams;
  readonly contentType: string;
  readonly body: string;
}

export interface Reply {
  readonly code: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What is left of lists that were begun: one state of the collection, however long the client takes. */
export class Pages {
  readonly #rest = new Map<string, { readonly objects: readonly FakeObject[]; readonly version: number }>();
  #tokens = 0;

  keep(objects: readonly FakeObject[], version: number): string {
    this.#tokens += 1;
    const token = `page-${this.#tokens}`;
    this.#rest.set(token, { objects, version });
    return token;
  }

  take(token: string): { readonly objects: readonly FakeObject[]; readonly version: number } {
    const rest = this.#rest.get(token);
    if (rest !== undefined) return rest;
    if (!/^page-\d+$/.test(token)) throw new Refusal(400, 'BadRequest', 'continue key is not valid');
    throw new Refusal(410, 'Expired', 'The provided continue parameter is too old');
  }

  forget(): void {
    this.#rest.clear();
  }
}

export function serve(store: ObjectStore, pages: Pages, asked: Asked): Reply {
  const { method, target } = asked;
  if (target.name === null) {
    if (method === 'GET') return listed(store, pages, asked);
    if (method === 'POST') return created(store, asked);
    throw new Refusal(
      405,
      'MethodNotAllowed',
      'the server does not allow this method on the requested resource',
    );
  }
  const place = [target.kind.plural, target.namespace ?? undefined, target.name] as const;
  switch (method) {
    case 'GET':
      return { code: 200, body: store.get(...place) };
    case 'PUT':
      return { code: 200, body: store.update(...place, (old) => written(target, old, parsed(asked))) };
    case 'PATCH':
      return { code: 200, body: store.update(...place, (old) => written(target, old, patched(asked, old))) };
    case 'DELETE':
      return { code: 200, body: deleted(store, asked) };
    default:
      throw new Refusal(405, 'MethodNotAllowed', `${method} is not supported`);
  }
}

function listed(store: ObjectStore, pages: Pages, { target, query }: Asked): Reply {
  const { kind, namespace } = target;
  const limit = Number(query.get('limit') ?? 0) || Number.POSITIVE_INFINITY;
  const token = query.get('continue') ?? '';
  const matches = selectorOf(query, namespace);
  const { objects, version } =
    token === ''
      ? { objects: store.list(kind.plural).filter(matches), version: store.version }
      : pages.take(token);
  const rest = objects.slice(limit);
  // Lists of custom resources have their keys in this order: what a client needs to know comes last.
  const body = {
    apiVersion: apiVersionOf(kind),
    items: objects.slice(0, limit),
    kind: `${kind.kind}List`,
    metadata: {
      resourceVersion: String(version),
      ...(rest.length === 0 ? {} : { continue: pages.keep(rest, version), remainingItemCount: rest.length }),
    },
  };
  return { code: 200, body };
}

function created(store: ObjectStore, asked: Asked): Reply {
  const { kind, namespace } = asked.target;
  const given = parsed(asked);
  if (kind.namespaced && (namespace === null || store.find('namespaces', undefined, namespace) === null)) {
    throw new Refusal(404, 'NotFound', `namespaces "${namespace ?? ''}" not found`);
  }
  const object: FakeObject = {
    apiVersion: apiVersionOf(kind),
    kind: kind.kind,
    ...given,
    metadata: { ...given.metadata, ...(namespace === null ? {} : { namespace }) },
  };
  if (kind.hasStatus === true) delete object.status;
  return { code: 201, body: store.create(kind.plural, object) };
}

function deleted(store: ObjectStore, { target, body }: Asked): unknown {
  const place = [target.kind.plural, target.namespace ?? undefined, target.name ?? ''] as const;
  const { uid, resourceVersion } = (body === '' ? {} : JSON.parse(body)).preconditions ?? {};
  const { metadata } = store.get(...place);
  const isOther = uid !== undefined && uid !== metadata.uid;
  if (isOther || (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion)) {
    throw new Refusal(409, 'Conflict', 'Precondition failed');
  }
  return store.remove(...place);
}

function parsed({ body }: Asked): FakeObject {
  try {
    return JSON.parse(body) as FakeObject;
  } catch {
    throw new Refusal(400, 'BadRequest', 'the object provided is not valid JSON');
  }
}

function patched(asked: Asked, old: FakeObject): FakeObject {
  const patch: unknown = parsed(asked);
  if (asked.contentType === 'application/json-patch+json') return jsonPatched(old, patch);
  if (asked.contentType === 'application/merge-patch+json') return mergePatched(old, patch);
  throw new Refusal(415, 'UnsupportedMediaType', `the body of the request was in an unknown format`);
}

/** Where there is a status subresource, each address writes its own part only. */
function written({ kind, isStatus }: Target, old: FakeObject, given: FakeObject): FakeObject {
  if (kind.hasStatus !== true) return given;
  const { status: _, ...rest } = isStatus ? { ...old, metadata: given.metadata } : given;
  const status = isStatus ? given.status : old.status;
  return status === undefined ? rest : { ...rest, status };
}
