/**
 * The namespaces of the cluster by name, with a version that moves only when labels do: that
 * is what conditions on runs can look at.
 */
import type { Reflection } from './kubernetes/reflector/reflection.ts';
import type { SeenNamespace } from './seen-namespace.ts';

export class SeenNamespaces {
  readonly #reflection: Reflection<SeenNamespace>;
  #byName = new Map<string, SeenNamespace>();
  #indexed = -1;
  #labelsVersion = 0;

  constructor(reflection: Reflection<SeenNamespace>) {
    this.#reflection = reflection;
  }

  get(name: string): SeenNamespace | undefined {
    return this.#index().get(name);
  }

  all(): Iterable<SeenNamespace> {
    return this.#index().values();
  }

  get labelsVersion(): number {
    this.#index();
    return this.#labelsVersion;
  }

  get version(): number {
    return this.#reflection.version;
  }

  get synced(): boolean {
    return this.#reflection.synced;
  }

  doubt(): string | null {
    return this.#reflection.doubt();
  }

  get lists(): number {
    return this.#reflection.lists;
  }

  get lastEventAtMs(): number | null {
    return this.#reflection.lastEventAtMs;
  }

  onChange(listener: () => void): () => void {
    return this.#reflection.onChange(listener);
  }

  async close(): Promise<void> {
    await this.#reflection.close();
  }

  #index(): ReadonlyMap<string, SeenNamespace> {
    if (this.#indexed === this.#reflection.version) return this.#byName;
    this.#indexed = this.#reflection.version;
    const next = new Map<string, SeenNamespace>();
    for (const namespace of this.#reflection.items().values()) next.set(namespace.name, namespace);
    if (labelsOf(next) !== labelsOf(this.#byName)) this.#labelsVersion += 1;
    this.#byName = next;
    return next;
  }
}

function labelsOf(namespaces: ReadonlyMap<string, SeenNamespace>): string {
  const names = [...namespaces.keys()].toSorted((a, b) => (a < b ? -1 : 1));
  return JSON.stringify(names.map((name) => [name, namespaces.get(name)?.labels]));
}
