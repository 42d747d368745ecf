/** Which policies were created, changed or deleted since the last look at the registry. */
import type { PolicyView, RegisteredPolicy } from '../policies/registered-policy.ts';
import type { PolicyRegistry } from '../policies/registry.ts';
import type { Change } from './change.ts';

type Registry = Pick<PolicyRegistry, 'state' | 'records'>;

interface Known {
  readonly identity: string;
  readonly version: number;
}

export class PolicyChanges {
  readonly #registry: Registry;
  readonly #viewOf: (record: RegisteredPolicy) => PolicyView;
  #known: ReadonlyMap<string, Known> = new Map();

  constructor(registry: Registry, viewOf: (record: RegisteredPolicy) => PolicyView) {
    this.#registry = registry;
    this.#viewOf = viewOf;
  }

  /** What is there now is known; nothing is told. */
  async begin(): Promise<void> {
    this.#known = await this.#living();
  }

  async since(): Promise<readonly Change[]> {
    const before = this.#known;
    const now = await this.#living();
    const changed = [...now].filter(([name, { version }]) => before.get(name)?.version !== version);
    const records = await this.#registry.records(changed.map(([, { identity }]) => identity));
    this.#known = now;
    const gone = [...before.keys()].filter((name) => !now.has(name));
    return [
      ...gone.map((name): Change => ({ kind: 'policy', name, policy: null })),
      // One that was deleted or renamed between the two questions is told with the next change.
      ...records
        .filter(({ deletedAtMs, policy }) => deletedAtMs === null && now.has(policy.name))
        .map(
          (record): Change => ({ kind: 'policy', name: record.policy.name, policy: this.#viewOf(record) }),
        ),
    ];
  }

  async #living(): Promise<ReadonlyMap<string, Known>> {
    const { outlines } = await this.#registry.state();
    const living = outlines.filter(({ deletedAtMs }) => deletedAtMs === null);
    return new Map(living.map(({ name, identity, version }) => [name, { identity, version }]));
  }
}
