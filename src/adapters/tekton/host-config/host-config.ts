/**
 * The multi-platform-controller's ConfigMap `host-config`, read for one thing: how many tasks
 * each platform takes at a time. Read as tolerantly as that controller does (empty items of
 * lists, unknown keys, hosts without concurrency), since it is edited by hand and live.
 *
 * Always true: a broken entry puts the platforms it is about in doubt, with its key named, and
 * leaves all others alone. Nothing throws, whatever the data is.
 *
 * A platform is looked up as local, then dynamic, then dynamic pool, then static host.
 */
import { isPoolName, UNITS_MAX } from '../../../core/needs/pool-names.ts';

export interface HostPool {
  readonly name: string;
  /** Tasks at a time; 0 while `doubt` says why it is not known. */
  readonly size: number;
  readonly doubt: string | null;
}

/** Machines counted together, because they carry one tag in one cloud account. */
export interface SharedMachines {
  /** Name of the pool for the machines of all `platforms` together. */
  readonly pool: string;
  readonly tag: string;
  readonly platforms: readonly string[];
}

export interface HostConfig {
  readonly pools: readonly HostPool[];
  readonly shared: readonly SharedMachines[];
  /** Platforms without a cap; they are no pools. */
  readonly local: readonly string[];
  /** What is broken without being about any platform; one line each. */
  readonly problems: readonly string[];
}

type Entries = ReadonlyMap<string, string>;

/** MPC's own bounds. */
const CONCURRENCY_MAX = 8;
const PLATFORMS_MAX = 2_000;
const PROBLEMS_MAX = 20;

/** `data` is the ConfigMap's `data`. */
export function parseHostConfig(data: unknown): HostConfig {
  const entries = textEntries(data);
  const problems: string[] = [];
  const listed = (key: string): readonly string[] => platformsOf(entries, key, problems);
  const local = listed('local-platforms');
  const dynamic = listed('dynamic-platforms');
  const pools = new Map<string, HostPool>();
  const add = (pool: HostPool): void => {
    if (!local.includes(pool.name) && !pools.has(pool.name)) pools.set(pool.name, pool);
  };
  for (const platform of dynamic) add(dynamicPool(platform, entries));
  for (const platform of listed('dynamic-pool-platforms')) add(machinePool(platform, entries));
  for (const pool of staticPools(entries, problems)) add(pool);
  const shared = sharedMachines(
    dynamic.filter((platform) => !local.includes(platform)),
    entries,
  );
  for (const { pool, platforms } of shared) add(sharedPool(pool, platforms, pools));
  return { pools: [...pools.values()], shared, local, problems: problems.slice(0, PROBLEMS_MAX) };
}

function textEntries(data: unknown): Entries {
  const entries = new Map<string, string>();
  if (typeof data !== 'object' || data === null) return entries;
  for (const [key, value] of Object.entries(data)) if (typeof value === 'string') entries.set(key, value);
  return entries;
}

/** A trailing comma is legal, and so are spaces around names. */
function platformsOf(entries: Entries, key: string, problems: string[]): readonly string[] {
  const names = (entries.get(key) ?? '').split(',').map((name) => name.trim());
  const platforms = new Set<string>();
  for (const name of names.slice(0, PLATFORMS_MAX)) {
    if (isPoolName(name)) platforms.add(name);
    else if (name !== '')
      problems.push(`${key} has ${JSON.stringify(name.slice(0, 80))} in it, which is no platform`);
  }
  return [...platforms];
}

function dynamicPool(platform: string, entries: Entries): HostPool {
  return sized(platform, wholeNumber(entries, keyOf(platform, 'max-instances'), [1, UNITS_MAX]));
}

function machinePool(platform: string, entries: Entries): HostPool {
  const machines = wholeNumber(entries, keyOf(platform, 'max-instances'), [1, UNITS_MAX]);
  const tasks = wholeNumber(entries, keyOf(platform, 'concurrency'), [1, CONCURRENCY_MAX]);
  if (typeof machines === 'string' || typeof tasks === 'string') {
    return sized(platform, typeof machines === 'string' ? machines : tasks);
  }
  return sized(platform, machines * tasks);
}

function sized(name: string, size: number | string): HostPool {
  return typeof size === 'number' ? { name, size, doubt: null } : { name, size: 0, doubt: size };
}

function keyOf(platform: string, what: string): string {
  return `dynamic.${platform.replaceAll('/', '-')}.${what}`;
}

/** The number, or what is wrong with it. */
function wholeNumber(
  entries: Entries,
  key: string,
  [least, most]: readonly [number, number],
): number | string {
  const text = entries.get(key);
  if (text === undefined) return `host-config has no ${key}`;
  const value = /^[+-]?\d{1,9}$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  const written = JSON.stringify(text.slice(0, 40));
  return `host-config says ${key} is ${written}; it must be a whole number from ${least} to ${most}`;
}

/** The sum of the hosts' concurrency for each platform. A host that does not say has none. */
function staticPools(entries: Entries, problems: string[]): readonly HostPool[] {
  const pools = new Map<string, HostPool>();
  for (const host of hostNames(entries)) {
    const platform = entries.get(`host.${host}.platform`)?.trim();
    if (platform === undefined || !isPoolName(platform)) {
      problems.push(`host.${host}.platform is missing or no platform`);
      continue;
    }
    const before = pools.get(platform) ?? { name: platform, size: 0, doubt: null };
    const key = `host.${host}.concurrency`;
    const slots = entries.has(key) ? wholeNumber(entries, key, [0, CONCURRENCY_MAX]) : 0;
    const doubt =
      before.doubt ??
      (typeof slots === 'string' ? slots : null) ??
      (entries.get(`host.${host}.address`) ? null : `host-config has no host.${host}.address`);
    pools.set(platform, { ...before, size: before.size + (typeof slots === 'number' ? slots : 0), doubt });
  }
  return [...pools.values()].map((pool) => (pool.doubt === null ? pool : { ...pool, size: 0 }));
}

function hostNames(entries: Entries): ReadonlySet<string> {
  const names = new Set<string>();
  for (const key of entries.keys()) {
    const name = /^host\.(.{1,250})\.[a-z-]+$/.exec(key)?.[1];
    if (name !== undefined) names.add(name);
  }
  return names;
}

function sharedMachines(dynamic: readonly string[], entries: Entries): readonly SharedMachines[] {
  const groups = new Map<string, { readonly tag: string; readonly platforms: string[] }>();
  for (const platform of dynamic) {
    const tag = (entries.get(keyOf(platform, 'instance-tag')) ?? entries.get('instance-tag') ?? '').trim();
    if (tag === '') continue;
    const account = entries.get(keyOf(platform, 'type'))?.trim() ?? '';
    const group = account === '' ? tag : `${account}/${tag}`;
    const known = groups.get(group) ?? { tag, platforms: [] };
    known.platforms.push(platform);
    groups.set(group, known);
  }
  return [...groups]
    .filter(([, { platforms }]) => platforms.length > 1)
    .map(([group, { tag, platforms }]) => ({ pool: poolOfMachines(group), tag, platforms }));
}

function poolOfMachines(group: string): string {
  const name = `machines/${group}`.replaceAll(/[^A-Za-z0-9._/-]/g, '-').slice(0, 199);
  return name.replace(/[^A-Za-z0-9]+$/, '');
}

/**
 * A platform waits when the machines of its tag reach its own maximum. With equal maxima, as
 * is usual, that is one pool of that size; with unequal ones the largest is the bound.
 */
function sharedPool(
  name: string,
  platforms: readonly string[],
  pools: ReadonlyMap<string, HostPool>,
): HostPool {
  const known = platforms
    .flatMap((platform) => pools.get(platform) ?? [])
    .filter(({ doubt }) => doubt === null);
  const size = Math.max(0, ...known.map((pool) => pool.size));
  return {
    name,
    size,
    doubt: known.length > 0 ? null : 'host-config gives no maximum for any of its platforms',
  };
}
