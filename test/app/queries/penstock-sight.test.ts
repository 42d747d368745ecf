/** What is told to somebody who may see some projects only. */
import { expect, test } from 'vitest';
import { runId } from '../../../src/core/model/run.ts';
import type { Caller } from '../../../src/ports/access.ts';
import { aFinishedRun, aNewRun, never, Rig } from './rig.ts';

const ofOther: Caller = {
  name: 'otto',
  isAdmin: false,
  seesAll: false,
  visible: async (projects) => new Set(projects.filter((project) => project === 'other')),
  owns: async (project) => project === 'other',
};

test('units kept for a run of another project are kept for one without a name', async () => {
  const rig = new Rig({ loop: true, pools: { runs: 2 } });
  await rig.create(aNewRun('a'));
  await rig.pass(1_000);
  await rig.create(aNewRun('wide', { requests: { runs: 2 } }));
  await rig.ask(rig.penstock.moveToFront(runId('wide'), { by: 'ann', undo: false }, never));
  await rig.create(aNewRun('late', { project: 'other' }));
  const told = await rig.ask(rig.penstock.explain(runId('late'), never, ofOther));
  expect(told?.reason).toMatchObject({ kind: 'reserved', forRun: null });
  expect(told?.lines[0]).toMatch(
    /^Waiting although runs has room: it is kept for a run of another project, /,
  );
  expect(JSON.stringify(told)).not.toMatch(/wide|ann/);
});

test('what is written on a run names the run it waits for if that is of its own project', async () => {
  const rig = new Rig({ loop: true, pools: { runs: 2 } });
  await rig.create(aNewRun('a'));
  await rig.pass(1_000);
  await rig.create(aNewRun('wide', { requests: { runs: 2 } }));
  await rig.ask(rig.penstock.moveToFront(runId('wide'), { by: 'ann', undo: false }, never));
  await rig.create(aNewRun('same'), aNewRun('other', { project: 'other' }));
  const entries = await rig.ask(rig.penstock.waitingRuns(never));
  const told = (id: string): string => JSON.stringify(entries.find(({ run }) => run.id === id));
  expect(entries).toHaveLength(3);
  expect(told('same')).toContain('kept for run wide');
  expect(told('other')).toContain('kept for a run of another project');
  expect(told('other')).not.toMatch(/wide|ann/);
});

test('a page of history is filled though most of it is not his to see', async () => {
  const rig = new Rig({ loop: false });
  const runs = Array.from({ length: 60 }, (_, n) =>
    aFinishedRun(`r${n}`, { project: n % 10 === 0 ? 'other' : 'shop', finishedAtMs: n }),
  );
  await rig.store.recordFinished(runs);
  const page = await rig.ask(rig.penstock.runs({ limit: 4, before: null }, never, ofOther));
  expect(page.runs.map((run) => run.id)).toEqual(['r50', 'r40', 'r30', 'r20']);
  const rest = await rig.ask(rig.penstock.runs({ limit: 4, before: page.next }, never, ofOther));
  expect([rest.runs.map((run) => run.id), rest.next]).toEqual([['r10', 'r0'], null]);
});
