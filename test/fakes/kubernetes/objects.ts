/**
 * The objects of a fake API server: what is stored, under which version, and what happened.
 *
 * Always true: every change has a resource version of its own, higher than all before; what
 * is handed out is a copy; a refusal is a `Refusal` with the code and reason a real server gives.
 */

export interface FakeMeta {
  name?: string;
  generateName?: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  [field: string]: unknown;
}

/** As written by a test: plain JSON. */
export interface FakeObject {
  apiVersion?: string;
  kind?: string;
  metadata: FakeMeta;
  spec?: Record<string, unknown>;
  status?: Record<string, unknown>;
  [field: string]: unknown;
}

/** A kind the server serves. `group` is empty for the core. */
export interface Kind {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** Writes to the object leave `status` alone, writes to `/status` touch nothing else. */
  readonly hasStatus?: boolean;
}

export class Refusal extends Error {
  readonly code: number;
  readonly reason: string;

  constructor(code: number, reason: string, message: string) {
    super(message);
    this.code = code;
    this.reason = reason;
  }
}

export interface Change {
  readonly version: number;
  readonly plural: string;
  readonly before: FakeObject | null;
  /** After a deletion null. */
  readonly after: FakeObject | null;
  /** What the deletion event carries; else null. */
  readonly last: FakeObject | null;
}

/** Sees each write before it is stored: may change the object it is given, or throw a Refusal. */
export type Admission = (
  object: FakeObject,
  old: FakeObject | null,
  request: { readonly plural: string; readonly operation: 'create' | 'update' | 'delete' },
) => void;

export class ObjectStore {
  readonly #stored = new Map<string, Map<string, FakeObject>>();
  readonly #listeners = new Set<(change: Change) => void>();
  readonly #nowMs: () => number;
  #history: Change[] = [];
  #compactedTo = 0;
  #version = 100;
  #uids = 0;
  readonly admissions: Admission[] = [];

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  get version(): number {
    return this.#version;
  }

  /** Watches from before this version are told 410. */
  get compactedTo(): number {
    return this.#compactedTo;
  }

  list(plural: string): FakeObject[] {
    return [...(this.#stored.get(plural)?.values() ?? [])]
      .sort(byKey)
      .map((object) => structuredClone(object));
  }

  find(plural: string, namespace: string | undefined, name: string): FakeObject | null {
    const found = this.#stored.get(plural)?.get(keyOf(namespace, name));
    return found === undefined ? null : structuredClone(found);
  }

  get(plural: string, namespace: string | undefined, name: string): FakeObject {
    const found = this.find(plural, namespace, name);
    if (found === null) throw new Refusal(404, 'NotFound', `${plural} "${name}" not found`);
    return found;
  }

  create(plural: string, given: FakeObject): FakeObject {
    return this.#store(plural, null, this.tried(plural, given));
  }

  /** As `create`, but nothing is stored: a dry run. */
  tried(plural: string, given: FakeObject): FakeObject {
    const object = structuredClone(given);
    const { metadata } = object;
    if (metadata.name === undefined && metadata.generateName !== undefined) {
      metadata.name = `${metadata.generateName}${(this.#uids + 1).toString(36).padStart(5, '0')}`;
    }
    const name = metadata.name ?? '';
    if (name === '') throw new Refusal(422, 'Invalid', 'metadata.name: Required value');
    if (this.find(plural, metadata.namespace, name) !== null) {
      throw new Refusal(409, 'AlreadyExists', `${plural} "${name}" already exists`);
    }
    this.#uids += 1;
    metadata.uid = `${this.#uids.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`;
    metadata.creationTimestamp = this.#timestamp();
    for (const admit of this.admissions) admit(object, null, { plural, operation: 'create' });
    return object;
  }

  /** The whole object; a `metadata.resourceVersion` must be the stored one. */
  replace(plural: string, given: FakeObject): FakeObject {
    const { metadata } = given;
    return this.update(plural, metadata.namespace, metadata.name ?? '', () => structuredClone(given));
  }

  /** What `change` makes of the copy it gets. */
  update(
    plural: string,
    namespace: string | undefined,
    name: string,
    change: (copy: FakeObject) => FakeObject,
  ): FakeObject {
    const before = this.get(plural, namespace, name);
    const after = change(structuredClone(before));
    checkIdentity(plural, before, after);
    after.metadata = { ...after.metadata, ...identityOf(before) };
    if (JSON.stringify(sorted(after)) === JSON.stringify(sorted(before))) return before;
    for (const admit of this.admissions) admit(after, before, { plural, operation: 'update' });
    const isLast = before.metadata.deletionTimestamp !== undefined && !after.metadata.finalizers?.length;
    return isLast ? this.#erase(plural, after) : this.#store(plural, before, after);
  }

  remove(plural: string, namespace: string | undefined, name: string): FakeObject {
    const before = this.get(plural, namespace, name);
    for (const admit of this.admissions)
      admit(structuredClone(before), before, { plural, operation: 'delete' });
    if (!before.metadata.finalizers?.length) return this.#erase(plural, before);
    const marked = structuredClone(before);
    marked.metadata.deletionTimestamp ??= this.#timestamp();
    return this.#store(plural, before, marked);
  }

  /** What happened after `version`, oldest first. */
  since(plural: string, version: number): readonly Change[] {
    return this.#history.filter((change) => change.plural === plural && change.version > version);
  }

  /** Forgets history, as etcd does: who asks for older versions has to list again. */
  compact(): void {
    this.#compactedTo = this.#version;
    this.#history = [];
  }

  /** As after a restore from a backup: what is stored stays, but versions count from 1 again. */
  rewindVersions(): void {
    this.#version = 0;
    this.#compactedTo = 0;
    this.#history = [];
    for (const objects of this.#stored.values()) {
      for (const object of objects.values()) {
        this.#version += 1;
        object.metadata.resourceVersion = String(this.#version);
      }
    }
  }

  subscribe(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #store(plural: string, before: FakeObject | null, after: FakeObject): FakeObject {
    this.#version += 1;
    after.metadata.resourceVersion = String(this.#version);
    const objects = this.#stored.get(plural) ?? new Map<string, FakeObject>();
    this.#stored.set(plural, objects.set(keyOf(after.metadata.namespace, after.metadata.name ?? ''), after));
    this.#tell({ version: this.#version, plural, before, after, last: null });
    return structuredClone(after);
  }

  #erase(plural: string, before: FakeObject): FakeObject {
    this.#version += 1;
    this.#stored.get(plural)?.delete(keyOf(before.metadata.namespace, before.metadata.name ?? ''));
    const last = structuredClone(before);
    last.metadata.resourceVersion = String(this.#version);
    this.#tell({ version: this.#version, plural, before, after: null, last });
    return last;
  }

  #tell(change: Change): void {
    this.#history.push(change);
    for (const listener of this.#listeners) listener(change);
  }

  #timestamp(): string {
    return `${new Date(this.#nowMs()).toISOString().slice(0, 19)}Z`;
  }
}

function checkIdentity(plural: string, before: FakeObject, after: FakeObject): void {
  const { resourceVersion, uid } = after.metadata;
  if (resourceVersion !== undefined && resourceVersion !== before.metadata.resourceVersion) {
    throw new Refusal(
      409,
      'Conflict',
      `Operation cannot be fulfilled on ${plural} "${before.metadata.name}": the object has been modified`,
    );
  }
  if (uid !== undefined && uid !== before.metadata.uid) {
    throw new Refusal(422, 'Invalid', 'metadata.uid: field is immutable');
  }
}

function identityOf({ metadata }: FakeObject): Partial<FakeMeta> {
  const { name, namespace, uid, resourceVersion, creationTimestamp, deletionTimestamp } = metadata;
  return Object.fromEntries(
    Object.entries({ name, namespace, uid, resourceVersion, creationTimestamp, deletionTimestamp }).filter(
      ([, value]) => value !== undefined,
    ),
  );
}

function keyOf(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}/${name}`;
}

function byKey(a: FakeObject, b: FakeObject): number {
  const [left, right] = [a, b].map(({ metadata }) => keyOf(metadata.namespace, metadata.name ?? ''));
  return (left ?? '') < (right ?? '') ? -1 : 1;
}

/** With keys in one order, so that equal objects have equal texts. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
