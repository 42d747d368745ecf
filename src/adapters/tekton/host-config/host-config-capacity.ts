/**
 * Pool sizes from the multi-platform-controller's `host-config`, which is watched and may be
 * edited, broken or deleted at any time.
 *
 * Always true: pools once known stay, in doubt, while the ConfigMap is missing or unreadable;
 * so do the sizes of broken entries, for people to see. A size that shrinks kills nothing.
 */
import type { NeedsRule } from '../../../core/needs/rule.ts';
import { NO, YES } from '../../../core/needs/rule.ts';
import type { CapacitySource, PoolCapacity } from '../../../ports/capacity.ts';
import { type HostConfig, parseHostConfig } from './host-config.ts';

export type HostConfigState =
  /** The ConfigMap's `data`. */
  | { readonly kind: 'present'; readonly data: unknown }
  | { readonly kind: 'missing' }
  /** It cannot be read at the moment: no rights, no connection. */
  | { readonly kind: 'unreadable'; readonly why: string };

/** `current` answers from what is watched, without waiting. */
export class HostConfigCapacity implements CapacitySource {
  readonly #current: () => HostConfigState;
  #parsed: { readonly data: unknown; readonly config: HostConfig } | null = null;
  readonly #sizes = new Map<string, number>();

  constructor(current: () => HostConfigState) {
    this.#current = current;
  }

  read(): Promise<readonly PoolCapacity[]> {
    return Promise.resolve(this.pools());
  }

  pools(): readonly PoolCapacity[] {
    const state = this.#current();
    if (state.kind !== 'present') return this.#allInDoubt(state);
    return this.#configOf(state.data).pools.map(({ name, size, doubt }) => {
      if (doubt === null) this.#sizes.set(name, size);
      return { name, size: doubt === null ? size : (this.#sizes.get(name) ?? 0), otherUse: 0, doubt };
    });
  }

  /** The last that could be read; null before the first. */
  config(): HostConfig | null {
    const state = this.#current();
    return state.kind === 'present' ? this.#configOf(state.data) : (this.#parsed?.config ?? null);
  }

  #configOf(data: unknown): HostConfig {
    if (this.#parsed !== null && this.#parsed.data === data) return this.#parsed.config;
    const config = parseHostConfig(data);
    this.#parsed = { data, config };
    return config;
  }

  #allInDoubt(state: Exclude<HostConfigState, { kind: 'present' }>): readonly PoolCapacity[] {
    const doubt =
      state.kind === 'missing'
        ? 'the ConfigMap host-config is missing'
        : `the ConfigMap host-config cannot be read: ${state.why}`;
    return [...this.#sizes].map(([name, size]) => ({ name, size, otherUse: 0, doubt }));
  }
}

/** Each machine of platforms that share a tag takes one of the machines counted together. */
export function machineRules(config: HostConfig): readonly NeedsRule[] {
  return config.shared.map(({ pool, tag, platforms }) => {
    const members = new Set(platforms);
    return {
      name: `machines tagged ${tag}`,
      when: () => YES,
      forEach: (_, asked) => (members.has(asked) ? YES : NO),
      requests: { [pool]: 1 },
      priority: null,
    };
  });
}
