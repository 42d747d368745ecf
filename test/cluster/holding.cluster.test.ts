/** Runs are held at creation, by the API server's own policy and by our webhook alike. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PIPELINE_RUNS, pathOf } from './client/resources.ts';
import { holdingCases } from './holding/holding-cases.ts';
import { comesTrue, type Installation, install } from './holding/installation.ts';
import { freePort, startWebhook, type WebhookProcess } from './holding/webhook-process.ts';
import { createRun, holdingActs, labelOf, openWorld, type World } from './holding/world.ts';
import { pipelineRun } from './rig/pipeline-run.ts';
import { requireCluster, type TestCluster } from './rig/require-cluster.ts';

let cluster: TestCluster;
let world: World;
beforeAll(async () => {
  cluster = requireCluster(2);
  world = await openWorld(cluster);
});
afterAll(async () => {
  await world.close();
  cluster.admin.close();
});

describe('by the policy', () => {
  let installation: Installation;
  beforeAll(async () => {
    installation = await install(cluster, { hold: 'policy' });
    await holdingActs(world);
  });
  afterAll(() => installation.remove());

  holdingCases(() => world);
});

describe.each(['closed', 'open'] as const)('by the webhook that fails %s', (onFailure) => {
  let installation: Installation;
  let webhook: WebhookProcess;
  let port: number;
  beforeAll(async () => {
    port = await freePort();
    installation = await install(cluster, { hold: 'webhook', onFailure, webhookPort: port });
    webhook = await startWebhook(cluster, installation.namespace, port);
    await holdingActs(world);
  });
  afterAll(async () => {
    await webhook.kill();
    await installation.remove();
  });

  if (onFailure === 'closed') holdingCases(() => world);

  test(`while it is down, new runs are ${onFailure === 'open' ? 'created and start' : 'refused'}, elsewhere none notice`, async () => {
    await webhook.kill();
    const path = pathOf(PIPELINE_RUNS, { namespace: world.held });
    const body = pipelineRun({ namespace: world.held, name: 'run-' });
    const sentMs = performance.now();
    const answer = await world.user.raw({ method: 'POST', path, body });
    // The webhook's time-out, and what the rest of admission takes on a busy machine.
    expect(performance.now() - sentMs).toBeLessThan(10_000);
    if (onFailure === 'open') {
      expect(answer).toMatchObject({
        status: 201,
        body: { spec: expect.not.objectContaining({ status: 'PipelineRunPending' }) },
      });
    } else {
      expect(answer).toMatchObject({
        status: 500,
        body: { message: expect.stringContaining('hold.penstock.dev') },
      });
    }
    const owned = await createRun(world, { pending: true });
    expect(labelOf(owned)).toBeNull();
    const free = await createRun(world, { namespace: world.free });
    expect(free.spec.status ?? '').toBe('');

    webhook = await startWebhook(cluster, installation.namespace, port);
    await comesTrue('runs are held again', async () => {
      const again = await world.user.raw({ method: 'POST', path: `${path}?dryRun=All`, body });
      return again.status === 201 && labelOf(again.body as never) !== null;
    });
  });
});
