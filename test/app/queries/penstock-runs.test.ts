/** The list of all runs: pages over what is live and over history. */
import { expect, test } from 'vitest';
import { runId } from '../../../src/core/model/run.ts';
import { MemoryStore } from '../../fakes/memory-store.ts';
import { aFinishedRun, aNewRun, never, Rig, startMs } from './rig.ts';

async function withRunsOfAllKinds(): Promise<Rig> {
  const rig = new Rig({ pools: { runs: 2 }, loop: true });
  await rig.store.recordFinished(
    [1, 2, 3].map((n) => aFinishedRun(`old-${n}`, { finishedAtMs: startMs - 1_000 * n })),
  );
  await rig.create(...[1, 2, 3, 4, 5].map((n) => aNewRun(`new-${n}`)));
  await rig.pass(1_000);
  return rig;
}

const all = ['new-3', 'new-4', 'new-5', 'new-1', 'new-2', 'old-1', 'old-2', 'old-3'];

async function pages(rig: Rig, limit: number): Promise<readonly (readonly string[])[]> {
  const found: (readonly string[])[] = [];
  let before: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof rig.penstock.runs>> = await rig.ask(
      rig.penstock.runs({ limit, before }, never),
    );
    found.push(page.runs.map((run) => run.id));
    before = page.next;
  } while (before !== null && found.length < 20);
  return found;
}

test('held runs come first, then those that run, then history from its newest', async () => {
  const rig = await withRunsOfAllKinds();
  expect(await pages(rig, 100)).toEqual([all]);
  const { runs } = await rig.ask(rig.penstock.runs({ limit: 100, before: null }, never));
  expect(runs.map((run) => run.state)).toEqual([
    'held',
    'held',
    'held',
    'running',
    'running',
    'succeeded',
    'succeeded',
    'succeeded',
  ]);
});

test.each([1, 2, 3, 4, 5, 7])('pages of %i show every run once, in the same order', async (limit) => {
  const rig = await withRunsOfAllKinds();
  const found = await pages(rig, limit);
  expect(found.flat()).toEqual(all);
  expect(Math.max(...found.map((page) => page.length))).toBe(limit);
});

test('a run that moves on while pages are turned is not missed', async () => {
  const rig = await withRunsOfAllKinds();
  const first = await rig.ask(rig.penstock.runs({ limit: 2, before: null }, never));
  await rig.pass(700_000);
  const seen = new Set(first.runs.map((run) => run.id));
  let before = first.next;
  while (before !== null) {
    const page = await rig.ask(rig.penstock.runs({ limit: 2, before }, never));
    for (const run of page.runs) seen.add(run.id);
    before = page.next;
  }
  expect([...seen].sort()).toEqual([...all].sort());
});

test('a run that ended while nobody served is shown once, as ended', async () => {
  const store = new MemoryStore();
  const rig = new Rig({ store });
  await rig.create(aNewRun('a'));
  await rig.ask(rig.penstock.cancelRun(runId('a'), 'not needed', never));
  const want = { id: 'a', state: 'cancelled', outcome: 'cancelled', outcomeReason: 'not needed' };
  const page = await rig.ask(rig.penstock.runs({ limit: 10, before: null }, never));
  expect(page).toMatchObject({ runs: [want], next: null });
  await store.recordFinished([
    aFinishedRun('a', { outcome: 'cancelled', reason: 'not needed', startedAtMs: null }),
  ]);
  const later = await rig.ask(rig.penstock.runs({ limit: 10, before: null }, never));
  expect(later).toMatchObject({ runs: [want], next: null });
});

test.each(['x', 'live:', 'live:nowhere:1:a', 'live:held:x:a', 'history:x'])(
  'the cursor %s is none of ours',
  async (before) => {
    const rig = new Rig();
    await expect(rig.ask(rig.penstock.runs({ limit: 10, before }, never))).rejects.toMatchObject({
      code: 'request-invalid',
      field: 'before',
    });
  },
);

test.each([0, -1, 1.5, 1001])('a page of %d runs is refused', async (limit) => {
  const rig = new Rig();
  await expect(rig.ask(rig.penstock.runs({ limit, before: null }, never))).rejects.toMatchObject({
    code: 'request-invalid',
    message: 'limit: must be a whole number from 1 to 1000.',
  });
});
