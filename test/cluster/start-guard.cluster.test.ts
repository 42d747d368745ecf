/**
 * What the API server refuses for us: users who start held runs, and starts of Penstock's own
 * that come too late or from one who no longer leads.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KubeObject, PipelineRun } from './client/resources.ts';
import { PIPELINE_RUNS } from './client/resources.ts';
import type { Answer } from './client/transport.ts';
import { comesTrue, type Installation, install } from './holding/installation.ts';
import {
  createRun,
  HELD_LABEL,
  holdingActs,
  labelOf,
  openWorld,
  patchRun,
  policiesAct,
  soon,
  startRun,
  type World,
  wholeSeconds,
} from './holding/world.ts';
import { requireCluster, type TestCluster } from './rig/require-cluster.ts';

let cluster: TestCluster;
let world: World;
let installation: Installation;
beforeAll(async () => {
  cluster = requireCluster(2);
  world = await openWorld(cluster);
  installation = await install(cluster);
  await holdingActs(world);
  await policiesAct(world, installation);
});
afterAll(async () => {
  await installation.remove();
  await world.close();
  cluster.admin.close();
});

const HELD_POINTER = `/metadata/labels/${HELD_LABEL.replace('/', '~1')}`;

function again(run: PipelineRun): Promise<PipelineRun> {
  const { namespace = '', name = '' } = run.metadata;
  return cluster.admin.get(PIPELINE_RUNS, { namespace, name });
}

function messageOf({ body }: Answer): string {
  return (body as { readonly message: string }).message;
}

/** Refused by a policy of ours, and the run is as it was. */
async function expectRefused(answer: Answer, run: PipelineRun, why: RegExp): Promise<void> {
  expect(answer.status).toBe(403);
  expect(messageOf(answer)).toMatch(why);
  const { metadata, spec } = await again(run);
  // Tekton gives a held run labels of its own meanwhile.
  expect([metadata.labels?.[HELD_LABEL], metadata.annotations, spec]).toEqual([
    run.metadata.labels?.[HELD_LABEL],
    run.metadata.annotations,
    run.spec,
  ]);
}

describe('a user', () => {
  test.each([
    ['a merge patch', { spec: { status: null } }],
    ['an empty text', { spec: { status: '' } }],
    ['a JSON patch', [{ op: 'remove', path: '/spec/status' }]],
  ])('cannot start a held run by %s, and is told what he can do', async (_, body) => {
    const run = await createRun(world);
    const answer = await patchRun(world.user, run, body);
    await expectRefused(
      answer,
      run,
      /system:serviceaccount:held-\S+:default may not start a held run.*set spec\.status to Cancelled/,
    );
  });

  test.each([
    ['take the label off a held run', [{ op: 'remove', path: HELD_POINTER }]],
    ['change it', [{ op: 'add', path: HELD_POINTER, value: 'false' }]],
  ])('cannot %s', async (_, body) => {
    const run = await createRun(world);
    await expectRefused(await patchRun(world.user, run, body), run, /may not change the label/);
  });

  test('cannot have a pending run of his own started by giving it the label', async () => {
    const run = await createRun(world, { pending: true });
    const labels = { metadata: { labels: { [HELD_LABEL]: 'true' } } };
    await expectRefused(await patchRun(world.user, run, labels), run, /may not change the label/);
  });

  test.each(['Cancelled', 'CancelledRunFinally', 'StoppedRunFinally'])(
    'may end a held run by %s, and cannot revive it',
    async (status) => {
      const run = await createRun(world);
      expect(await patchRun(world.user, run, { spec: { status } })).toMatchObject({ status: 200 });
      const revived = await patchRun(world.user, run, { spec: { status: null } });
      // The guard's word, or Tekton's when it has finished the run by then.
      expect([400, 403]).toContain(revived.status);
      expect((await again(run)).spec.status).toBe(status);
    },
  );

  test('may write annotations and labels of his own on a held run, and delete it', async () => {
    const run = await createRun(world);
    const metadata = { labels: { team: 'a' }, annotations: { note: 'mine' } };
    expect(await patchRun(world.user, run, { metadata })).toMatchObject({ status: 200 });
    const { namespace = '', name = '' } = run.metadata;
    expect(await world.user.delete(PIPELINE_RUNS, { namespace, name })).toBe(true);
  });

  test('may start a pending run of his own', async () => {
    const run = await createRun(world, { pending: true });
    expect(await patchRun(world.user, run, { spec: { status: null } })).toMatchObject({ status: 200 });
  });
});

test('an administrator may start a held run and change its label', async () => {
  const run = await createRun(world);
  const body = { metadata: { labels: { [HELD_LABEL]: null } }, spec: { status: null } };
  expect(await patchRun(cluster.admin, run, body)).toMatchObject({ status: 200 });
  expect(labelOf(await again(run))).toBeNull();
});

describe('a start by Penstock', () => {
  test('with a deadline that is still to come takes effect', async () => {
    const run = await createRun(world);
    expect(await startRun(installation.penstock, run, { before: soon() })).toMatchObject({ status: 200 });
    expect((await again(run)).spec.status ?? '').toBe('');
  });

  test.each([
    ['that has passed', () => wholeSeconds(Date.now() - 1_000), /comes too late/],
    ['of long ago', () => wholeSeconds(0), /comes too late/],
    ['with fractions', () => new Date(Date.now() + 60_000).toISOString(), /whole seconds/],
    ['with an offset', () => soon().replace('Z', '+00:00'), /whole seconds/],
    ['that is no time', () => 'tomorrow', /whole seconds/],
    ['that is missing', () => null, /whole seconds/],
  ])('with a deadline %s is refused and changes nothing', async (_, before, why) => {
    const run = await createRun(world);
    await expectRefused(await startRun(installation.penstock, run, { before: before() }), run, why);
  });

  test('with a deadline of no such day is refused, too, if only because that cannot be compared', async () => {
    const run = await createRun(world);
    const answer = await startRun(installation.penstock, run, { before: '2999-02-30T00:00:00Z' });
    expect(answer.status).toBe(422);
    expect(messageOf(answer)).toContain('penstock-start-deadline');
    expect((await again(run)).spec.status).toBe('PipelineRunPending');
  });

  test('whose deadline was on the run already is refused: the time of this request would not be known', async () => {
    const run = await createRun(world);
    const before = soon();
    const written = await patchRun(installation.penstock, run, {
      metadata: { annotations: { 'penstock.dev/start-before': before } },
    });
    const seen = written.body as PipelineRun;
    await expectRefused(await startRun(installation.penstock, seen, { before }), seen, /whole seconds/);
  });

  test('is judged by its own time, not by that of what Penstock wrote earlier', async () => {
    const run = await createRun(world);
    const written = await patchRun(
      installation.penstock,
      run,
      { metadata: { annotations: { 'penstock.dev/reason': 'full' } } },
      { fieldManager: 'penstock' },
    );
    const before = Date.now() + 2_000;
    await comesTrue('its deadline to pass', async () => Date.now() > before + 100);
    const seen = written.body as PipelineRun;
    const answer = await startRun(installation.penstock, seen, { before: wholeSeconds(before) });
    await expectRefused(answer, seen, /comes too late/);
  });

  test('by a merge patch, or through v1beta1, is held to the same', async () => {
    const run = await createRun(world);
    const late = {
      metadata: { annotations: { 'penstock.dev/start-before': wholeSeconds(Date.now() - 1_000) } },
      spec: { status: null },
    };
    await expectRefused(await patchRun(installation.penstock, run, late), run, /comes too late/);
    const { namespace = '', name = '' } = run.metadata;
    const answer = await installation.penstock.raw({
      method: 'PATCH',
      path: `/apis/tekton.dev/v1beta1/namespaces/${namespace}/pipelineruns/${name}`,
      contentType: 'application/merge-patch+json',
      body: late,
    });
    await expectRefused(answer, run, /comes too late/);
  });

  test('around its deadline takes effect exactly when the server began with it before', async () => {
    let [early, late] = [0, 0];
    while (early < 6 || late < 6) {
      const run = await createRun(world);
      const deadlineMs = Math.ceil(Date.now() / 1_000) * 1_000 + (Date.now() % 1_000 > 800 ? 1_000 : 0);
      await pause(Math.max(0, deadlineMs - 40 + 60 * Math.random() - Date.now()));
      const sentMs = Date.now();
      const { status } = await startRun(installation.penstock, run, { before: wholeSeconds(deadlineMs) });
      if (status === 200) expect(sentMs).toBeLessThan(deadlineMs);
      else expect(Date.now()).toBeGreaterThanOrEqual(deadlineMs);
      if (status === 200) early += 1;
      else late += 1;
    }
  });

  test("users' requests and administrators' need no deadline", async () => {
    const run = await createRun(world, { pending: true });
    expect(await startRun(world.user, run, { before: null })).toMatchObject({ status: 200 });
    const held = await createRun(world);
    expect(await startRun(cluster.admin, held, { before: null })).toMatchObject({ status: 200 });
  });

  test('is not concerned when it only writes annotations', async () => {
    const run = await createRun(world);
    const annotations = { metadata: { annotations: { 'penstock.dev/position': '4' } } };
    expect(await patchRun(installation.penstock, run, annotations)).toMatchObject({ status: 200 });
  });
});

describe('with a lease', () => {
  async function leads(holderIdentity: string, renewedAtMs = Date.now() + 60_000): Promise<void> {
    const renewTime = new Date(renewedAtMs).toISOString().replace('Z', '000Z');
    const spec = {
      ...(holderIdentity === '' ? {} : { holderIdentity }),
      leaseDurationSeconds: 15,
      renewTime,
    };
    const metadata = { name: 'penstock', namespace: installation.namespace };
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec };
    await cluster.admin.apply<KubeObject>(lease);
  }

  /** Dry runs until the API server has heard of the lease. */
  async function answers(by: string, status: number): Promise<void> {
    const run = await createRun(world);
    await comesTrue(`${by} to be answered ${status}`, async () => {
      const answer = await startRun(installation.penstock, run, { before: soon(), by, dryRun: true });
      return answer.status === status;
    });
  }

  test('only its holder starts runs, and a new holder instead', async () => {
    for (const [leader, other] of [
      ['one', 'two'],
      ['two', 'one'],
    ] as const) {
      await leads(leader);
      await answers(other, 403);
      const run = await createRun(world);
      const by = (sender?: string): Promise<Answer> =>
        startRun(installation.penstock, run, {
          before: soon(),
          ...(sender === undefined ? {} : { by: sender }),
        });
      await expectRefused(await by(other), run, /who does not lead/);
      await expectRefused(await by(), run, /who does not lead/);
      expect(await by(leader)).toMatchObject({ status: 200 });
    }
  });

  test.each([
    ['that its holder has not renewed in time', () => leads('one', Date.now() - 16_000)],
    ['that nobody holds', () => leads('')],
  ])('%s, leadership is no condition, and the deadline still is', async (_, change) => {
    await leads('one');
    await answers('two', 403);
    await change();
    await answers('two', 200);
    const run = await createRun(world);
    await expectRefused(
      await startRun(installation.penstock, run, { before: wholeSeconds(0), by: 'two' }),
      run,
      /comes too late/,
    );
  });

  test('that is deleted, it is the same', async () => {
    await leads('one');
    await answers('two', 403);
    const leases = { api: 'apis/coordination.k8s.io/v1', plural: 'leases', namespaced: true };
    await cluster.admin.delete(leases, { namespace: installation.namespace, name: 'penstock' });
    await answers('two', 200);
  });
});
