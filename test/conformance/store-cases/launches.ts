/** Occurrences and launches: planned, changed, settled, shown, forgotten. */
import { expect, test } from 'vitest';
import { runId } from '../../../src/core/model/run.ts';
import type {
  LaunchKey,
  LaunchRecord,
  OccurrenceRecord,
  PlannedLaunch,
} from '../../../src/ports/launch-store.ts';
import type { Store } from '../../../src/ports/store.ts';
import { aFinishedRun } from '../store-builders.ts';
import type { StoreContext } from '../store-under-test.ts';

const AUDIT = 'penstock:audit';

export function anOccurrence(key: string, given: Partial<OccurrenceRecord> = {}): OccurrenceRecord {
  return {
    identity: AUDIT,
    key,
    cause: 'schedule',
    startsAtMs: 1_000,
    windowMs: 500,
    spread: 'random',
    plan: 'v1',
    verdict: 'planned',
    reason: null,
    askedBy: null,
    createdAtMs: 7,
    ...given,
  };
}

export function planned(project: string, atMs: number, given: Partial<PlannedLaunch> = {}): PlannedLaunch {
  return { project, branch: null, atMs, expiresAtMs: null, state: 'planned', reason: null, ...given };
}

export function keyOf(project: string, branch: string | null = null, occurrenceKey = 'd1'): LaunchKey {
  return { identity: AUDIT, occurrenceKey, project, branch };
}

async function launched(store: Store, project: string, id: string, atMs = 50): Promise<void> {
  const to = { state: 'launched', askedId: runId(id), runId: runId(id), launchedAtMs: atMs } as const;
  await store.launches.change([{ key: keyOf(project), from: 'planned', to }]);
}

function short(launches: readonly LaunchRecord[]): readonly string[] {
  return launches.map(({ project, state, atMs }) => `${project} ${state} ${atMs}`);
}

export function launchCases(context: StoreContext): void {
  planCases(context);
  queueCases(context);
  settlingCases(context);
  pageCases(context);
}

function planCases(context: StoreContext): void {
  test('each change is told with its occurrence, and what changes nothing is not', async () => {
    const { store } = context();
    const told: string[] = [];
    store.launches.changes.subscribe((refs) => told.push(...refs.map(({ key }) => key)));
    await store.launches.savePlan(anOccurrence('d1'), [planned('a', 10)]);
    await launched(store, 'a', 'run-a');
    await store.launches.settleFinished();
    const planedNoMore = { key: keyOf('a'), from: 'planned', to: { state: 'missed' } } as const;
    await store.launches.change([planedNoMore]);
    expect(told).toEqual(['d1', 'd1']);
    await store.recordFinished([aFinishedRun('run-a')]);
    await store.launches.settleFinished();
    expect(told).toEqual(['d1', 'd1', 'd1']);
  });

  test('a plan comes back through a restart as it was saved', async () => {
    const { store, reopen } = context();
    await store.launches.savePlan(anOccurrence('d1'), [
      planned('shop', 1_100, { branch: 'main', expiresAtMs: 1_500 }),
      planned('till', 1_050, { state: 'snoozed', reason: 'Year-end "freeze" 🔥' }),
    ]);
    const { launches } = await reopen();
    expect(await launches.occurrence(AUDIT, 'd1')).toEqual(anOccurrence('d1'));
    expect(await launches.occurrence(AUDIT, 'd2')).toBeNull();
    const rest = { askedId: null, runId: null, attempts: 0, retryAtMs: null, launchedAtMs: null };
    const open = { ...rest, outcome: null, endedAtMs: null };
    expect(await launches.launchesOf(AUDIT, 'd1')).toEqual([
      {
        ...keyOf('shop', 'main'),
        ...planned('shop', 1_100, { branch: 'main', expiresAtMs: 1_500 }),
        ...open,
      },
      {
        ...keyOf('till'),
        ...planned('till', 1_050, { state: 'snoozed', reason: 'Year-end "freeze" 🔥' }),
        ...open,
      },
    ]);
  });

  test('planned again, launches become as planned, but for those created or being created', async () => {
    const { store } = context();
    const { launches } = store;
    await launches.savePlan(
      anOccurrence('d1'),
      ['a', 'b', 'c'].map((name) => planned(name, 1_100)),
    );
    await launched(store, 'a', 'run-a');
    await launches.change([{ key: keyOf('b'), from: 'planned', to: { state: 'creating', retryAtMs: 5 } }]);
    await launches.change([
      { key: keyOf('c'), from: 'planned', to: { state: 'missed', reason: 'too late' } },
    ]);
    const again = anOccurrence('d1', { plan: 'v2', startsAtMs: 2_000, createdAtMs: 99 });
    await launches.savePlan(
      again,
      ['a', 'b', 'c', 'd'].map((name) => planned(name, 2_100)),
    );
    expect(short(await launches.launchesOf(AUDIT, 'd1'))).toEqual([
      'a launched 1100',
      'b creating 1100',
      'c planned 2100',
      'd planned 2100',
    ]);
    expect((await launches.launchesOf(AUDIT, 'd1'))[2]?.reason).toBeNull();
    expect(await launches.occurrence(AUDIT, 'd1')).toEqual({ ...again, createdAtMs: 7 });
  });

  test('how far all occurrences were looked at stands through a restart', async () => {
    const { store, reopen } = context();
    expect(await store.launches.progress()).toBeNull();
    await store.launches.saveProgress(9);
    await store.launches.saveProgress(5);
    expect(await (await reopen()).launches.progress()).toBe(5);
  });

  test('more launches than a statement has room for are planned at once', async () => {
    const { launches } = context().store;
    const many = Array.from({ length: 1_203 }, (_, at) => planned(`p${at}`, at));
    await launches.savePlan(anOccurrence('d1'), many);
    await launches.savePlan(anOccurrence('d1'), many);
    expect((await launches.launchesOf(AUDIT, 'd1')).map(({ project }) => project)).toEqual(
      many.map(({ project }) => project),
    );
  });
}

function queueCases(context: StoreContext): void {
  test('due are those whose moment has come, the earliest first, and not before their next try', async () => {
    const { launches } = context().store;
    await launches.savePlan(anOccurrence('d1'), [planned('a', 30), planned('b', 10), planned('c', 20)]);
    expect(await launches.nextAtMs()).toBe(10);
    expect(short(await launches.due(20, 10))).toEqual(['b planned 10', 'c planned 20']);
    expect(short(await launches.due(20, 1))).toEqual(['b planned 10']);
    await launches.change([{ key: keyOf('b'), from: 'planned', to: { retryAtMs: 25, attempts: 1 } }]);
    expect(await launches.nextAtMs()).toBe(20);
    expect(short(await launches.due(24, 10))).toEqual(['c planned 20']);
    expect(short(await launches.due(25, 10))).toEqual(['b planned 10', 'c planned 20']);
    for (const project of ['a', 'b', 'c']) {
      await launches.change([{ key: keyOf(project), from: 'planned', to: { state: 'missed' } }]);
    }
    expect(await launches.nextAtMs()).toBeNull();
  });

  test('those being created are looked after at their time', async () => {
    const { launches } = context().store;
    await launches.savePlan(anOccurrence('d1'), [planned('a', 10), planned('b', 10)]);
    await launches.change([{ key: keyOf('a'), from: 'planned', to: { state: 'creating', retryAtMs: 60 } }]);
    expect(short(await launches.unanswered(59, 10))).toEqual([]);
    expect(short(await launches.unanswered(60, 10))).toEqual(['a creating 10']);
    expect(short(await launches.due(100, 10))).toEqual(['b planned 10']);
    await launches.change([{ key: keyOf('b'), from: 'planned', to: { state: 'failed' } }]);
    expect(await launches.nextAtMs()).toBe(60);
  });

  test('a launch in another state than was thought stays as it is', async () => {
    const { launches } = context().store;
    await launches.savePlan(anOccurrence('d1'), [planned('a', 10)]);
    const missed = { key: keyOf('a'), from: 'creating', to: { state: 'missed' } } as const;
    const unknown = { key: keyOf('nobody'), from: 'planned', to: { state: 'missed' } } as const;
    expect(await launches.change([missed, unknown])).toBe(0);
    expect(await launches.change([{ ...missed, from: 'planned' }])).toBe(1);
    expect(short(await launches.launchesOf(AUDIT, 'd1'))).toEqual(['a missed 10']);
  });
}

function settlingCases(context: StoreContext): void {
  test('a launch gets the outcome that history has of its run, once', async () => {
    const { store, reopen } = context();
    await store.launches.savePlan(anOccurrence('d1'), [planned('a', 10), planned('b', 10)]);
    await launched(store, 'a', 'run-a');
    await launched(store, 'b', 'run-b');
    await store.recordFinished([
      aFinishedRun('run-a', { outcome: 'failed', reason: 'exit 1', finishedAtMs: 80 }),
    ]);
    expect(await store.launches.settleFinished()).toBe(1);
    expect(await store.launches.settleFinished()).toBe(0);
    const { launches } = await reopen();
    const [a, b] = await launches.launchesOf(AUDIT, 'd1');
    expect([a?.outcome, a?.endedAtMs, a?.reason, b?.outcome]).toEqual(['failed', 80, 'exit 1', null]);
    expect(short(await launches.unsettled(60, 10))).toEqual(['b launched 10']);
    expect(await launches.unsettled(50, 10)).toEqual([]);
  });

  test('launched ones whose end of the window has come are told, until they have ended', async () => {
    const { store } = context();
    const { launches } = store;
    await launches.savePlan(anOccurrence('d1'), [
      planned('a', 10, { expiresAtMs: 90 }),
      planned('b', 10),
      planned('c', 10, { expiresAtMs: 70 }),
    ]);
    expect(await launches.nextExpiryMs()).toBeNull();
    for (const project of ['a', 'b', 'c']) await launched(store, project, `run-${project}`);
    expect(await launches.nextExpiryMs()).toBe(70);
    expect(short(await launches.expired(69, 10))).toEqual([]);
    expect(short(await launches.expired(90, 10))).toEqual(['a launched 10', 'c launched 10']);
    await launches.change([
      { key: keyOf('c'), from: 'launched', to: { outcome: 'vanished', endedAtMs: 91 } },
    ]);
    expect(short(await launches.expired(90, 10))).toEqual(['a launched 10']);
  });
}

function pageCases(context: StoreContext): void {
  test('occurrences come in pages, the latest first, with the counts of their launches', async () => {
    const { store } = context();
    const { launches } = store;
    for (const [at, key] of ['d1', 'd2', 'd3'].entries()) {
      await launches.savePlan(anOccurrence(key, { startsAtMs: 1_000 + Math.floor(at / 2) }), [
        planned('a', 10),
        planned('b', 10),
      ]);
    }
    await launches.savePlan(anOccurrence('d1', { identity: 'other' }), [planned('a', 10)]);
    await launched(store, 'a', 'run-a');
    const first = await launches.occurrences(AUDIT, { limit: 2, before: null });
    expect(first.occurrences.map(({ key }) => key)).toEqual(['d3', 'd2']);
    const second = await launches.occurrences(AUDIT, { limit: 2, before: first.next });
    expect([second.occurrences.map(({ key }) => key), second.next]).toEqual([['d1'], null]);
    const counts = await launches.counts(AUDIT, ['d1', 'd3']);
    const texts = counts.map(
      ({ occurrenceKey, state, outcome, count }) => `${occurrenceKey} ${state} ${outcome} ${count}`,
    );
    expect(texts.toSorted()).toEqual(['d1 launched null 1', 'd1 planned null 1', 'd3 planned null 2']);
    expect((await launches.occurrencesFrom(1_001)).map(({ key }) => key)).toEqual(['d3']);
    expect((await launches.occurrencesFrom(0)).map(({ identity }) => identity)).toEqual([
      AUDIT,
      AUDIT,
      'other',
      AUDIT,
    ]);
  });

  test('launches come in pages, in the order in which they were planned', async () => {
    const { launches } = context().store;
    await launches.savePlan(
      anOccurrence('d1'),
      ['c', 'a', 'b'].map((name) => planned(name, 10)),
    );
    const first = await launches.launches(AUDIT, 'd1', { limit: 2, after: null });
    const second = await launches.launches(AUDIT, 'd1', { limit: 2, after: first.next });
    const names = [first, second].map((page) => page.launches.map(({ project }) => project));
    expect([names, second.next]).toEqual([[['c', 'a'], ['b']], null]);
    await expect(launches.launches(AUDIT, 'd1', { limit: 1, after: 'x' })).rejects.toMatchObject({
      field: 'after',
    });
    await expect(launches.occurrences(AUDIT, { limit: 1, before: 'x' })).rejects.toMatchObject({
      field: 'before',
    });
  });

  test('what is old is forgotten once all of it has ended', async () => {
    const { store } = context();
    const { launches } = store;
    await launches.savePlan(anOccurrence('d1'), [planned('a', 10)]);
    await launches.savePlan(anOccurrence('d2', { startsAtMs: 5_000 }), [
      planned('a', 10, { state: 'missed' }),
    ]);
    await launches.savePlan(anOccurrence('d3', { verdict: 'missed', reason: 'asleep' }), []);
    await launches.forgetBefore(2_000);
    expect((await launches.occurrencesFrom(0)).map(({ key }) => key)).toEqual(['d1', 'd2']);
    await launched(store, 'a', 'run-a');
    await launches.forgetBefore(2_000);
    expect((await launches.occurrencesFrom(0)).map(({ key }) => key)).toEqual(['d1', 'd2']);
    await store.recordFinished([aFinishedRun('run-a')]);
    await launches.settleFinished();
    await launches.forgetBefore(2_000);
    expect((await launches.occurrencesFrom(0)).map(({ key }) => key)).toEqual(['d2']);
    expect(await launches.launchesOf(AUDIT, 'd1')).toEqual([]);
  });
}
