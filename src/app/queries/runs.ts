/**
 * All runs in one list: the live ones as the engine shows them, then history.
 *
 * Always true: a run appears once on a page, and no run that existed all the while is
 * missed by following `next`: runs only move towards the end of this order while pages
 * are turned (a start that provably took no effect is the one exception).
 */
import { CodedError } from '../../core/errors/catalogue.ts';
import { isFinished, RUN_STATES, type RunId, type RunState, runId } from '../../core/model/run.ts';
import type { ObservedRun } from '../../ports/engine.ts';
import type { FinishedRun, ListedRun, Store } from '../../ports/store.ts';
import type { Sight } from '../access/rules.ts';
import type { RunsView, RunView } from '../views.ts';
import { liveState, type Picture } from './picture.ts';

const PAGE_MAX = 1000;
/** Of history that are read for one page, most of which whoever asks may not see; then the page is short. */
const HISTORY_READ_MAX = 20_000;

export function viewOfObserved(run: ObservedRun, starting: ReadonlySet<RunId>): RunView {
  const state = liveState(run, starting);
  return {
    id: run.id,
    project: run.project,
    tenant: run.tenant,
    priority: run.priority,
    requests: run.requests,
    contentHash: run.contentHash,
    timeoutMs: run.timeoutMs,
    state,
    ours: run.ours,
    heldSinceMs: run.heldSinceMs,
    startedAtMs: run.startedAtMs,
    finishedAtMs: run.finishedAtMs,
    outcome: isFinished(state) ? state : null,
    outcomeReason: run.result?.reason ?? null,
    usage: run.result?.usage ?? null,
  };
}

export function viewOfFinished(run: ListedRun | FinishedRun): RunView {
  const { reason, outcome, profile: _, ...rest } = { profile: null, ...run };
  return { ...rest, state: outcome, outcome, outcomeReason: reason };
}

export interface RunsAsked {
  readonly limit: number;
  readonly before: string | null;
  /** Gives the sight of whoever asks, for these projects. */
  readonly sight: (projects: Iterable<string>) => Promise<Sight>;
}

/** @throws CodedError if `before` is no cursor of ours. */
export async function pageOfRuns(picture: Picture, store: Store, query: RunsAsked): Promise<RunsView> {
  const { sight } = query;
  const limit = checkedLimit(query.limit);
  const cursor = parseCursor(query.before);
  if (cursor.kind === 'history') return historyPage(store, { limit, before: cursor.before, sight });

  const all = await liveRuns(picture, store);
  const sees = await sight(all.map((run) => run.project));
  const live = all.filter((run) => sees(run.project));
  const { after } = cursor;
  const rest = after === null ? live : live.filter((run) => byPlace(run, after) > 0);
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  if (last !== undefined && rest.length > page.length) return { runs: page, next: liveCursor(last) };
  if (page.length === limit) return { runs: page, next: 'history' };
  const shown = new Set(page.map((run) => run.id));
  const history = await historyPage(store, { limit: limit - page.length, before: null, sight });
  return { runs: [...page, ...history.runs.filter((run) => !shown.has(run.id))], next: history.next };
}

/** Its cursors name an instant and a number, no run: they may point at what nobody is shown. */
async function historyPage(store: Store, query: RunsAsked): Promise<RunsView> {
  const { limit, sight } = query;
  const shown: RunView[] = [];
  let { before } = query;
  for (let read = 0; shown.length < limit && read < HISTORY_READ_MAX; ) {
    const page = await store.finishedRuns({ limit: limit - shown.length, before });
    const sees = await sight(page.runs.map((run) => run.project));
    shown.push(...page.runs.filter((run) => sees(run.project)).map(viewOfFinished));
    read += page.runs.length;
    before = page.next;
    if (before === null) break;
  }
  return { runs: shown, next: before === null ? null : `history:${before}` };
}

/** What the engine shows and history does not have yet, in order. */
async function liveRuns(picture: Picture, store: Store): Promise<readonly RunView[]> {
  const live: RunView[] = [];
  for (const run of picture.runs.values()) {
    if (isFinished(run.state) && (await store.finishedRun(run.id)) !== null) continue;
    live.push(viewOfObserved(run, picture.starting));
  }
  return live.sort(byPlace);
}

type Place = Pick<RunView, 'state' | 'heldSinceMs' | 'id'>;

function byPlace(a: Place, b: Place): number {
  return (
    stage(a.state) - stage(b.state) ||
    a.heldSinceMs - b.heldSinceMs ||
    (a.id < b.id ? -1 : Number(a.id > b.id))
  );
}

function stage(state: RunState): number {
  return isFinished(state) ? 3 : ['held', 'starting', 'running'].indexOf(state);
}

function liveCursor(run: RunView): string {
  return `live:${run.state}:${run.heldSinceMs}:${run.id}`;
}

type Cursor =
  | { readonly kind: 'live'; readonly after: Place | null }
  | { readonly kind: 'history'; readonly before: string | null };

function parseCursor(before: string | null): Cursor {
  if (before === null) return { kind: 'live', after: null };
  if (before === 'history') return { kind: 'history', before: null };
  if (before.startsWith('history:')) return { kind: 'history', before: before.slice('history:'.length) };
  const [, name, heldSinceMs, id] = /^live:([a-z-]+):(-?\d{1,16}):(.+)$/.exec(before) ?? [];
  const state = RUN_STATES.find((known) => known === name);
  if (state === undefined || id === undefined) {
    throw new CodedError('request-invalid', 'before: must be what an earlier page gave as next.', {
      field: 'before',
    });
  }
  return { kind: 'live', after: { state, heldSinceMs: Number(heldSinceMs), id: runId(id) } };
}

function checkedLimit(limit: number): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= PAGE_MAX) return limit;
  throw new CodedError('request-invalid', `limit: must be a whole number from 1 to ${PAGE_MAX}.`, {
    field: 'limit',
  });
}
