/**
 * What is paused and capped, and who moved to the front: the configuration, the orders of
 * operators and what the engine says of tenants, put together for one pass.
 *
 * Always true: pure. A pause counts whoever made it, and whoever takes one back leaves the
 * others standing. Of caps, an order goes over the configuration, and of the result and
 * what the engine says the lower one counts.
 */
import type { RunId } from '../../core/model/run.ts';
import type { Grant, Pool, Tenant } from '../../core/model/snapshot.ts';
import type { ObservedRun, TenantHint } from '../../ports/engine.ts';
import type { Controls, Front, PauseTarget } from '../../ports/store.ts';
import type { AdmissionSettings } from '../settings.ts';

export type ControlSource = 'order' | 'configuration' | 'engine';

/** Whose it is; by and since are known of orders only. */
interface Origin {
  readonly source: ControlSource;
  readonly by: string | null;
  readonly sinceMs: number | null;
}

export interface StandingPause extends Origin {
  readonly target: PauseTarget;
  readonly reason: string | null;
}

/** Of each tenant and pool the cap that counts. */
export interface StandingCap extends Origin {
  readonly tenant: string;
  readonly pool: string;
  readonly units: number;
}

export interface StandingControls {
  /** Orders first: those are the ones that a command can take back. */
  readonly pauses: readonly StandingPause[];
  readonly caps: readonly StandingCap[];
  /** The one moved last first. */
  readonly fronts: readonly Front[];
}

export interface ControlsInput {
  readonly settings: Pick<AdmissionSettings, 'paused' | 'pausedPools' | 'tenants'>;
  readonly orders: Controls;
  readonly hints: readonly TenantHint[];
}

const CONFIGURED: Origin = { source: 'configuration', by: null, sinceMs: null };
const HINTED: Origin = { source: 'engine', by: null, sinceMs: null };

export function standingControls(input: ControlsInput): StandingControls {
  return { pauses: standingPauses(input), caps: standingCaps(input), fronts: input.orders.fronts };
}

function standingPauses({ settings, orders, hints }: ControlsInput): readonly StandingPause[] {
  const everything = { scope: 'everything' } as const;
  const pools = settings.pausedPools.map((name) => ({ scope: 'pool', name }) as const);
  const tenants = settings.tenants.filter((tenant) => tenant.paused);
  const configured: readonly PauseTarget[] = [
    ...(settings.paused ? [everything] : []),
    ...tenants.map(({ name }) => ({ scope: 'tenant', name }) as const),
    ...pools,
  ];
  return [
    ...orders.pauses.map((pause) => ({ ...pause, source: 'order' as const })),
    ...configured.map((target) => ({ ...CONFIGURED, target, reason: null })),
    ...hints.flatMap(({ name, paused }) =>
      paused === null ? [] : [{ ...HINTED, target: { scope: 'tenant', name } as const, reason: paused.why }],
    ),
  ];
}

function standingCaps({ settings, orders, hints }: ControlsInput): readonly StandingCap[] {
  const caps = new Map<string, StandingCap>();
  const keyOf = (cap: StandingCap): string => JSON.stringify([cap.tenant, cap.pool]);
  const set = (cap: StandingCap): unknown => caps.set(keyOf(cap), cap);
  for (const { name, caps: units } of settings.tenants) {
    for (const pool of Object.keys(units))
      set({ ...CONFIGURED, tenant: name, pool, units: units[pool] ?? 0 });
  }
  for (const cap of orders.caps) set({ ...cap, source: 'order' });
  for (const { name, caps: units } of hints) {
    for (const [pool, most] of Object.entries(units)) {
      const cap = { ...HINTED, tenant: name, pool, units: most };
      if (most < (caps.get(keyOf(cap))?.units ?? Number.POSITIVE_INFINITY)) set(cap);
    }
  }
  return [...caps.values()];
}

/** The settings as they are with all that stands. */
export function steered(settings: AdmissionSettings, { pauses, caps }: StandingControls): AdmissionSettings {
  if (pauses.length === 0 && caps.length === 0) return settings;
  const named = (scope: 'tenant' | 'pool'): readonly string[] =>
    pauses.flatMap(({ target }) => (target.scope === scope ? [target.name] : []));
  const pausedTenants = new Set(named('tenant'));
  const capsOf = new Map<string, Record<string, number>>();
  for (const { tenant, pool, units } of caps) capsOf.set(tenant, { ...capsOf.get(tenant), [pool]: units });
  const weights = new Map(settings.tenants.map(({ name, weight }) => [name, weight]));
  const names = new Set([...weights.keys(), ...pausedTenants, ...capsOf.keys()]);
  const tenants = [...names].map(
    (name): Tenant => ({
      name,
      weight: weights.get(name) ?? 1,
      caps: capsOf.get(name) ?? {},
      paused: pausedTenants.has(name),
    }),
  );
  return {
    ...settings,
    paused: pauses.some(({ target }) => target.scope === 'everything'),
    pausedPools: [...new Set(named('pool'))],
    tenants,
  };
}

export function withPauses(
  pools: readonly Pool[],
  { pausedPools }: Pick<AdmissionSettings, 'pausedPools'>,
): readonly Pool[] {
  const paused = new Set(pausedPools);
  return pools.map((pool) => (pool.paused || !paused.has(pool.name) ? pool : { ...pool, paused: true }));
}

export interface FrontsInput {
  readonly nowMs: number;
  readonly fronts: readonly Front[];
  readonly runs: ReadonlyMap<string, ObservedRun>;
  readonly pools: readonly Pool[];
  readonly tenants: readonly Tenant[];
}

/**
 * A run that was moved to the front is a grant older than all others, promised for then.
 * One that nothing could start now is left out, so that it takes no grant's place.
 */
export function withFronts(grants: readonly Grant[], input: FrontsInput): readonly Grant[] {
  const { fronts, nowMs } = input;
  if (fronts.length === 0) return grants;
  const stalledPools = new Set(input.pools.filter(isStalled).map((pool) => pool.name));
  const pausedTenants = new Set(input.tenants.filter((one) => one.paused).map((one) => one.name));
  const moved: Grant[] = [];
  for (const [place, { runId, atMs }] of fronts.entries()) {
    const run = input.runs.get(runId);
    if (run === undefined || pausedTenants.has(run.tenant)) continue;
    if (Object.keys(run.requests).some((pool) => stalledPools.has(pool))) continue;
    moved.push({ runId, grantedAtMs: place - fronts.length, promisedAtMs: Math.min(atMs, nowMs) });
  }
  const ids = new Set(moved.map((grant) => grant.runId));
  return [...moved, ...grants.filter((grant) => !ids.has(grant.runId))];
}

/** Those that admission gave by itself: only they are written down, since a move is in the store as an order. */
export function ownGrants(grants: readonly Grant[], { fronts }: StandingControls): readonly Grant[] {
  const moved = new Set(fronts.map((front) => front.runId));
  return grants.filter((grant) => !moved.has(grant.runId));
}

function isStalled(pool: Pool): boolean {
  return pool.paused || pool.doubt !== null;
}

/** Moves that are over: the run was let go or is gone. That one is gone only a look from after the move can tell. */
export function overFronts(
  fronts: readonly Front[],
  runs: ReadonlyMap<string, ObservedRun>,
  freshSinceMs: number | null,
): readonly RunId[] {
  const over = fronts.filter(({ runId, atMs }) => {
    const run = runs.get(runId);
    return run === undefined ? freshSinceMs !== null && freshSinceMs >= atMs : isLetGo(run);
  });
  return over.map((front) => front.runId);
}

/** Starting, it may be held again. */
function isLetGo(run: ObservedRun): boolean {
  return run.state !== 'held' && run.state !== 'starting';
}
