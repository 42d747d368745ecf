/**
 * The oracle: ADR 10 (docs/adr/0010-admission-order.md) followed word by word on plain objects.
 *
 * It shares no code with src/core/admission, keeps nothing between steps and looks at everything
 * anew for each question; slow and obvious, so that a reader can check it against the text.
 */
import type { Decision } from '../../../src/core/model/decision.ts';
import type { Estimate, Requests } from '../../../src/core/model/run.ts';
import type { Grant, HeldRun, Pool, Priority, Snapshot } from '../../../src/core/model/snapshot.ts';
import { expectedEnd, p50Of, p90Of } from './oracle-estimates.ts';

/** What occupies units, now or in the imagined future of a promise. */
interface Occupant {
  readonly tenant: string;
  readonly requests: Requests;
  readonly sinceMs: number;
  readonly estimate: Estimate;
  readonly timeoutMs: number | null;
}

/** The state between two steps of one decision. */
interface State {
  readonly snapshot: Snapshot;
  readonly held: readonly HeldRun[];
  readonly active: readonly Occupant[];
  readonly grants: readonly Grant[];
  readonly startsOfNow: readonly HeldRun[];
}

export function oracle(snapshot: Snapshot): Decision {
  let state: State = {
    snapshot,
    held: snapshot.held.filter((run) => !isLeftOut(snapshot, run)),
    active: snapshot.active,
    grants: [],
    startsOfNow: [],
  };
  const kept = snapshot.grants.filter((grant) => state.held.some((run) => run.id === grant.runId));
  state = { ...state, grants: kept };
  if (snapshot.paused) {
    return { starts: [], grants: sortedGrants(state), reviewAtMs: null };
  }
  for (let run = nextStart(state); run !== null; run = nextStart(state)) {
    state = started(state, run);
  }
  state = withNewGrants(state);
  const starts = state.startsOfNow.map((run) => run.id);
  return { starts, grants: sortedGrants(state), reviewAtMs: nextOverdue(state) };
}

// Left out

export function isLeftOut(snapshot: Snapshot, run: HeldRun): boolean {
  if (!snapshot.priorities.some((priority) => priority.name === run.priority)) {
    return true;
  }
  return Object.entries(run.requests).some(([name, asked]) => {
    const pool = snapshot.pools.find((one) => one.name === name);
    return pool === undefined || asked > pool.size || asked > capOf(snapshot, run.tenant, name);
  });
}

function capOf(snapshot: Snapshot, tenant: string, pool: string): number {
  return snapshot.tenants.find((one) => one.name === tenant)?.caps[pool] ?? Number.POSITIVE_INFINITY;
}

function poolOf(snapshot: Snapshot, name: string): Pool {
  const pool = snapshot.pools.find((one) => one.name === name);
  if (pool === undefined) {
    throw new Error(`the oracle was asked about the unknown pool ${name}`);
  }
  return pool;
}

// Class, head, stalled, overdue

function rankOf(snapshot: Snapshot, priority: string): number {
  return snapshot.priorities.findIndex((one: Priority) => one.name === priority);
}

function sameRequests(one: Requests, other: Requests): boolean {
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return names.every((name) => one[name] === other[name]);
}

type ClassMember = Pick<HeldRun, 'tenant' | 'priority' | 'requests'>;

function sameClass(one: ClassMember, other: ClassMember): boolean {
  return (
    one.tenant === other.tenant &&
    one.priority === other.priority &&
    sameRequests(one.requests, other.requests)
  );
}

function byHeldSinceAndId(one: HeldRun, other: HeldRun): number {
  if (one.heldSinceMs !== other.heldSinceMs) {
    return one.heldSinceMs - other.heldSinceMs;
  }
  return one.id < other.id ? -1 : 1;
}

function isGranted(state: State, run: HeldRun): boolean {
  return state.grants.some((grant) => grant.runId === run.id);
}

function heads(state: State): HeldRun[] {
  return state.held.filter((run) =>
    state.held.every((other) => other === run || !sameClass(run, other) || goesBefore(state, run, other)),
  );
}

/** Order inside a class: granted runs by the age of their grants, then the others. */
function goesBefore(state: State, run: HeldRun, other: HeldRun): boolean {
  const order = sortedGrants(state).map((grant) => grant.runId);
  const place = order.includes(run.id) ? order.indexOf(run.id) : order.length;
  const otherPlace = order.includes(other.id) ? order.indexOf(other.id) : order.length;
  return place === otherPlace ? byHeldSinceAndId(run, other) < 0 : place < otherPlace;
}

function isStalled(state: State, run: HeldRun): boolean {
  const { tenants, pools } = state.snapshot;
  const tenantPaused = tenants.some((one) => one.name === run.tenant && one.paused);
  const poolStopped = pools.some(
    (one) => (run.requests[one.name] ?? 0) > 0 && (one.paused || one.doubt !== null),
  );
  return tenantPaused || poolStopped;
}

/** The overdue time of a head, whether it has come or not; null when it never comes. */
function overdueAt(state: State, head: HeldRun): number | null {
  const { priorities, classStarts, nowMs } = state.snapshot;
  const patienceMs = priorities.find((one) => one.name === head.priority)?.patienceMs ?? null;
  if (patienceMs === null || isStalled(state, head)) {
    return null;
  }
  const earlier = classStarts.filter((one) => sameClass(one, head)).map((one) => one.atMs);
  const ofNow = state.startsOfNow.filter((one) => sameClass(one, head)).map(() => nowMs);
  return Math.max(head.heldSinceMs, ...earlier, ...ofNow) + patienceMs;
}

function isOverdue(state: State, head: HeldRun): boolean {
  const atMs = overdueAt(state, head);
  return atMs !== null && state.snapshot.nowMs >= atMs;
}

function levelOf(state: State, head: HeldRun): number {
  return isOverdue(state, head) ? 0 : rankOf(state.snapshot, head.priority);
}

function nextOverdue(state: State): number | null {
  const times = heads(state)
    .map((head) => overdueAt(state, head))
    .filter((atMs) => atMs !== null && atMs > state.snapshot.nowMs) as number[];
  return times.length === 0 ? null : Math.min(...times);
}

// Use, share, fits, harms

function tenantUse(occupants: readonly Occupant[], tenant: string, pool: string): number {
  return occupants
    .filter((one) => one.tenant === tenant)
    .reduce((sum, one) => sum + (one.requests[pool] ?? 0), 0);
}

function freeIn(snapshot: Snapshot, occupants: readonly Occupant[], name: string): number {
  const pool = poolOf(snapshot, name);
  const used = occupants.reduce((sum, one) => sum + (one.requests[name] ?? 0), 0);
  return pool.size - pool.otherUse - used;
}

function roomUnderCap(
  snapshot: Snapshot,
  occupants: readonly Occupant[],
  at: { tenant: string; pool: string },
): number {
  return capOf(snapshot, at.tenant, at.pool) - tenantUse(occupants, at.tenant, at.pool);
}

function shareOf(state: State, run: HeldRun): number {
  const weight = state.snapshot.tenants.find((one) => one.name === run.tenant)?.weight ?? 1;
  const shares = Object.keys(run.requests).map((name) => {
    const { size } = poolOf(state.snapshot, name);
    return tenantUse(state.active, run.tenant, name) / (size * weight);
  });
  return Math.max(0, ...shares);
}

function fitsPools(snapshot: Snapshot, occupants: readonly Occupant[], run: HeldRun): boolean {
  return Object.entries(run.requests).every(([name, asked]) => freeIn(snapshot, occupants, name) >= asked);
}

function fitsCaps(snapshot: Snapshot, occupants: readonly Occupant[], run: HeldRun): boolean {
  return Object.entries(run.requests).every(
    ([pool, asked]) => roomUnderCap(snapshot, occupants, { tenant: run.tenant, pool }) >= asked,
  );
}

function grantedRun(state: State, grant: Grant): HeldRun {
  const run = state.held.find((one) => one.id === grant.runId);
  if (run === undefined) {
    throw new Error(`the grant of ${grant.runId} has lost its run`);
  }
  return run;
}

/** Whether the run, started at `atMs` beside `occupants`, harms the grant. */
function harms(
  state: State,
  run: HeldRun,
  against: { grant: Grant; occupants: readonly Occupant[]; atMs: number },
): boolean {
  const { grant, occupants, atMs } = against;
  const granted = grantedRun(state, grant);
  if (isStalled(state, granted)) {
    return false;
  }
  const goneInTime = grant.promisedAtMs > atMs && atMs + p90Of(run) <= grant.promisedAtMs;
  if (goneInTime) {
    return false;
  }
  const leavesRoom = Object.entries(run.requests).every(([pool, asked]) => {
    const askedByGranted = granted.requests[pool] ?? 0;
    if (askedByGranted === 0) {
      return true;
    }
    const both = asked + askedByGranted;
    const room =
      run.tenant === granted.tenant
        ? roomUnderCap(state.snapshot, occupants, { tenant: run.tenant, pool })
        : Number.POSITIVE_INFINITY;
    return freeIn(state.snapshot, occupants, pool) >= both && room >= both;
  });
  return !leavesRoom;
}

// Start

function sortedGrants(state: State): Grant[] {
  return state.grants.toSorted((one, other) => {
    if (one.grantedAtMs !== other.grantedAtMs) {
      return one.grantedAtMs - other.grantedAtMs;
    }
    if (one.promisedAtMs !== other.promisedAtMs) {
      return one.promisedAtMs - other.promisedAtMs;
    }
    return byHeldSinceAndId(grantedRun(state, one), grantedRun(state, other));
  });
}

function nextStart(state: State): HeldRun | null {
  return nextGrantedStart(state) ?? nextOtherStart(state);
}

function canStartNow(state: State, run: HeldRun, unharmed: readonly Grant[]): boolean {
  const { snapshot, active } = state;
  return (
    !isStalled(state, run) &&
    fitsPools(snapshot, active, run) &&
    fitsCaps(snapshot, active, run) &&
    unharmed.every((grant) => !harms(state, run, { grant, occupants: active, atMs: snapshot.nowMs }))
  );
}

function nextGrantedStart(state: State): HeldRun | null {
  const grants = sortedGrants(state);
  const ofClasses = heads(state);
  for (const [place, grant] of grants.entries()) {
    const run = grantedRun(state, grant);
    if (ofClasses.includes(run) && canStartNow(state, run, grants.slice(0, place))) {
      return run;
    }
  }
  return null;
}

function nextOtherStart(state: State): HeldRun | null {
  const candidates = heads(state).filter(
    (head) => !isGranted(state, head) && canStartNow(state, head, state.grants),
  );
  const ordered = candidates.toSorted((one, other) => {
    const level = levelOf(state, one) - levelOf(state, other);
    if (level !== 0) {
      return level;
    }
    const oneShare = shareOf(state, one);
    const otherShare = shareOf(state, other);
    if (oneShare !== otherShare) {
      return oneShare < otherShare ? -1 : 1;
    }
    return byHeldSinceAndId(one, other);
  });
  return ordered[0] ?? null;
}

function started(state: State, run: HeldRun): State {
  return {
    ...state,
    held: state.held.filter((one) => one !== run),
    grants: state.grants.filter((grant) => grant.runId !== run.id),
    active: [...state.active, occupantOf(run, state.snapshot.nowMs)],
    startsOfNow: [...state.startsOfNow, run],
  };
}

function occupantOf(run: HeldRun, sinceMs: number): Occupant {
  const { tenant, requests, estimate, timeoutMs } = run;
  return { tenant, requests, sinceMs, estimate, timeoutMs };
}

// Grants

function isWide(run: HeldRun): boolean {
  const runs = run.requests.runs ?? 0;
  const units = Object.values(run.requests).reduce((sum, asked) => sum + asked, 0);
  return units - runs >= 2 || runs > 1;
}

function byOverdueTime(state: State): (one: HeldRun, other: HeldRun) => number {
  return (one, other) => {
    const oneAt = overdueAt(state, one) ?? Number.POSITIVE_INFINITY;
    const otherAt = overdueAt(state, other) ?? Number.POSITIVE_INFINITY;
    return oneAt === otherAt ? byHeldSinceAndId(one, other) : oneAt - otherAt;
  };
}

function withNewGrants(afterStarts: State): State {
  const { maxGrants, nowMs } = afterStarts.snapshot;
  const looked = heads(afterStarts)
    .filter((head) => isOverdue(afterStarts, head) && isWide(head))
    .toSorted(byOverdueTime(afterStarts))
    .slice(0, maxGrants);
  let state = afterStarts;
  for (const head of looked) {
    if (state.grants.length >= maxGrants || isGranted(state, head) || hasOlderRival(state, head)) {
      continue;
    }
    const promisedAtMs = promiseTo(state, head);
    if (promisedAtMs !== null) {
      const grant: Grant = { runId: head.id, grantedAtMs: nowMs, promisedAtMs };
      state = { ...state, grants: [...state.grants, grant] };
    }
  }
  return state;
}

function hasOlderRival(state: State, head: HeldRun): boolean {
  return heads(state).some(
    (other) =>
      other !== head &&
      isOverdue(state, other) &&
      byOverdueTime(state)(other, head) < 0 &&
      !isGranted(state, other) &&
      fitsCaps(state.snapshot, state.active, other) &&
      Object.keys(other.requests).some((name) => name !== 'runs' && name in head.requests),
  );
}

/**
 * Between two of the instants tried nothing changes except that windows before promises shrink,
 * which only forbids; so the earliest instant is one of them.
 */
function promiseTo(state: State, head: HeldRun): number | null {
  const { snapshot } = state;
  const now = snapshot.nowMs;
  const stays = [
    ...state.active.map((one) => ({ one, fromMs: now, untilMs: expectedEnd(one, now) })),
    ...state.grants
      .map((grant) => ({ grant, run: grantedRun(state, grant) }))
      .filter(({ run }) => !isStalled(state, run))
      .map(({ grant, run }) => {
        const fromMs = Math.max(grant.promisedAtMs, now);
        return { one: occupantOf(run, fromMs), fromMs, untilMs: fromMs + p50Of(run) };
      }),
  ];
  const instants = [now, ...stays.flatMap((stay) => [stay.fromMs, stay.untilMs])];
  for (const atMs of instants.toSorted((one, other) => one - other)) {
    const occupants = stays
      .filter((stay) => stay.fromMs <= atMs && atMs < stay.untilMs)
      .map((stay) => stay.one);
    const later = state.grants.filter((grant) => grant.promisedAtMs > atMs);
    if (
      fitsPools(snapshot, occupants, head) &&
      fitsCaps(snapshot, occupants, head) &&
      later.every((grant) => !harms(state, head, { grant, occupants, atMs }))
    ) {
      return atMs;
    }
  }
  return null;
}
