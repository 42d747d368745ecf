/**
 * The latest instant at which a run starts, where there is one to state: only for the run
 * with the oldest grant, and only if pools keep their size, nobody starts runs outside, and
 * no run turns up with a longer timeout than those that are here.
 *
 * From its promise on nothing new takes its units, so it waits at most for what occupies
 * its pools then, and each of that ends within its timeout.
 */
import type { Requests, RunId } from '../model/run.ts';
import type { Grant, HeldRun, Snapshot } from '../model/snapshot.ts';
import { canEverStart, lookupOf } from './build-tables.ts';
import { byGrantAge, byHeldSince } from './order.ts';

export function startBound(snapshot: Snapshot, id: RunId): number | null {
  const oldest = oldestGrant(snapshot);
  if (oldest === null || oldest.held.id !== id) return null;
  const run = oldest.held;
  if (snapshot.paused || tenantPaused(snapshot, run.tenant)) return null;
  for (const pool of snapshot.pools) {
    if (run.requests[pool.name] === undefined) continue;
    if (pool.paused || pool.doubt !== null || pool.otherUse > 0) return null;
  }
  const promisedAtMs = Math.max(oldest.promisedAtMs, snapshot.nowMs);
  // Until the promise, held runs that are expected to be gone in time may still start.
  const mayStart = oldest.promisedAtMs > snapshot.nowMs ? snapshot.held.filter((held) => held.id !== id) : [];
  const ends = [
    promisedAtMs,
    ...snapshot.active
      .filter((one) => sharesPool(one.requests, run.requests))
      .map((one) => limit(one.sinceMs, one.timeoutMs)),
    ...mayStart
      .filter((one) => sharesPool(one.requests, run.requests))
      .map((one) => limit(promisedAtMs, one.timeoutMs)),
  ];
  const bound = ends.reduce((latest, end) => Math.max(latest, end), promisedAtMs);
  return Number.isFinite(bound) ? bound : null;
}

/** Of the grants that stand: one whose run is gone or can never start any more has ended. */
function oldestGrant(snapshot: Snapshot): { readonly held: HeldRun; readonly promisedAtMs: number } | null {
  const lookup = lookupOf(snapshot);
  const granted = new Map(snapshot.grants.map((grant) => [grant.runId, grant]));
  const standing = snapshot.held
    .filter((run) => granted.has(run.id) && canEverStart(run, lookup))
    .sort(byHeldSince)
    .map((held, run) => ({ held, run, ...(granted.get(held.id) as Grant) }))
    .sort(byGrantAge);
  return standing[0] ?? null;
}

function limit(sinceMs: number, timeoutMs: number | null): number {
  return timeoutMs === null ? Number.POSITIVE_INFINITY : sinceMs + timeoutMs;
}

function sharesPool(a: Requests, b: Requests): boolean {
  return Object.keys(a).some((pool) => b[pool] !== undefined);
}

function tenantPaused(snapshot: Snapshot, name: string): boolean {
  return snapshot.tenants.some((tenant) => tenant.name === name && tenant.paused);
}
