/**
 * Two `penstock serve` on one PostgreSQL and one cluster: they act as one, also when the one that
 * leads is killed in the middle. The processes and the database are real; the cluster is the fake
 * one of the unit tests, in this process.
 */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { socketTransport } from '../../src/cli/transport.ts';
import { PostgresServer, withPostgres } from '../adapters/sql/postgres/postgres-server.ts';
import { openWorkplace, type Server, type Workplace } from '../cli/binary.ts';
import { type FakeApiServer, startFakeApiServer } from '../fakes/kubernetes/fake-api-server.ts';
import { FakeTekton } from '../fakes/kubernetes/fake-tekton.ts';
import { CORE_KINDS, TEKTON_KINDS } from '../fakes/kubernetes/kinds.ts';

const PROJECTS = Array.from({ length: 40 }, (_, n) => `team-${n}`);
const PATIENT = { timeout: 100_000, interval: 250 };
const TEST_MS = 300_000;

interface Replica {
  readonly place: Workplace;
  server: Server;
}

const POLICY = {
  apiVersion: 'penstock.dev/v1alpha1',
  kind: 'PipelineExecutionPolicy',
  metadata: { name: 'audit' },
  spec: {
    enabled: true,
    content: {
      pipelineSpec: {
        tasks: [{ name: 'succeeds', taskSpec: { steps: [{ name: 's', image: 'i', script: 'true' }] } }],
      },
    },
    // Far from now: the occurrences of the schedule stay out of the way.
    schedule: { type: 'monthly', daysOfMonth: ['last'], startTime: '23:59' },
    timeWindow: { length: '1h' },
  },
};

interface Launch {
  readonly project: string;
  readonly state: string;
  readonly runId: string | null;
  readonly outcome: string | null;
}

withPostgres('two serves on one PostgreSQL and one cluster', () => {
  let database: PostgresServer;
  let cluster: FakeApiServer;
  let tekton: FakeTekton;
  let replicas: Replica[] = [];
  beforeAll(async () => {
    // As it is made for production: one case ends it the hard way.
    database = await PostgresServer.start({ isDurable: true });
  });
  afterAll(() => database.dispose());
  beforeEach(async () => {
    cluster = await startFakeApiServer({ kinds: [...CORE_KINDS, ...TEKTON_KINDS] });
    tekton = new FakeTekton(cluster);
    for (const name of PROJECTS) cluster.store.create('namespaces', { metadata: { name } });
    const { url } = await database.database();
    replicas = [await startReplica(url), await startReplica(url)];
  });
  afterEach(async () => {
    for (const { place } of replicas) await place.dispose();
    tekton.close();
    await cluster.stop();
  });

  async function startReplica(url: string): Promise<Replica> {
    const settings = {
      engine: 'tekton',
      tekton: { kubeconfig: 'kubeconfig', namespace: 'default', lease: { duration: '4s' } },
      store: { url, passwordFile: 'password' },
      pools: { runs: { size: 6 } },
      projects: Object.fromEntries(PROJECTS.map((name) => [name, { tenant: name }])),
      log: { level: 'error' },
    };
    const place = await openWorkplace({
      'penstock.yaml': JSON.stringify(settings),
      kubeconfig: cluster.kubeconfig(),
      password: database.password,
    });
    return { place, server: await place.serve() };
  }

  async function ask<T>({ server }: Replica, method: 'GET' | 'POST' | 'PUT', path: string, body?: object) {
    const answer = await socketTransport(server.socketPath)({
      method,
      path,
      body: body === undefined ? null : JSON.stringify(body),
    });
    return { status: answer.status, body: JSON.parse(answer.body) as T };
  }

  /** By what each says of itself. */
  async function leaders(): Promise<readonly Replica[]> {
    const leading = await Promise.all(
      replicas.map(async (replica) => {
        const metrics = await socketTransport(replica.server.socketPath)({
          method: 'GET',
          path: '/metrics',
          body: null,
        });
        return /^penstock_leading 1$/m.test(metrics.body);
      }),
    );
    return replicas.filter((_, at) => leading[at]);
  }

  async function theLeader(): Promise<Replica> {
    await expect.poll(async () => (await leaders()).length, PATIENT).toBe(1);
    return (await leaders())[0] as Replica;
  }

  function other(than: Replica): Replica {
    return replicas.find((one) => one !== than) as Replica;
  }

  async function history(replica: Replica): Promise<unknown> {
    const [all, samples] = await Promise.all([
      ask<Record<string, unknown>>(replica, 'GET', '/v1/policies/audit/history'),
      ask<Record<string, unknown>>(replica, 'GET', '/v1/policies/audit/samples?limit=200'),
    ]);
    expect([all.status, samples.status]).toEqual([200, 200]);
    const { nowMs: _, ...figures } = all.body;
    return { figures, samples: samples.body };
  }

  test('of 100 test runs asked of both at once one is accepted, and the one that leads takes it to its end', {
    timeout: TEST_MS,
  }, async () => {
    const leader = await theLeader();
    const follower = other(leader);
    expect((await ask(follower, 'PUT', '/v1/policies/audit', POLICY)).status).toBe(201);
    const asked = Array.from({ length: 100 }, (_, n) =>
      ask<{ id: string; retryAtMs?: number }>(
        n % 2 === 0 ? leader : follower,
        'POST',
        '/v1/policies/audit/test-runs',
        {
          project: PROJECTS[n % PROJECTS.length],
        },
      ),
    );
    const answers = await Promise.all(asked);
    const accepted = answers.filter(({ status }) => status === 202);
    expect(accepted).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(99);
    const id = accepted[0]?.body.id ?? '';
    for (const replica of replicas) {
      await expect
        .poll(
          async () =>
            (await ask<{ state: string }>(replica, 'GET', `/v1/policies/audit/test-runs/${id}`)).body.state,
          PATIENT,
        )
        .toBe('succeeded');
    }
    const runs = cluster.store.list('pipelineruns');
    expect(runs.map(({ metadata }) => tekton.executions(metadata.uid ?? ''))).toEqual([1]);
    expect(await history(leader)).toEqual(await history(follower));
    const again = await ask(follower, 'POST', '/v1/policies/audit/test-runs', { project: PROJECTS[0] });
    expect(again.status).toBe(429);
  });

  test('an occurrence whose leader is killed in the middle is launched once in each project', {
    timeout: TEST_MS,
  }, async () => {
    const leader = await theLeader();
    const survivor = other(leader);
    expect((await ask(survivor, 'PUT', '/v1/policies/audit', POLICY)).status).toBe(201);
    const order = { key: 'ordered-by-hand', by: 'ann', windowMs: 10_000 };
    const ordered = await ask<{ occurrence: { key: string } }>(
      survivor,
      'POST',
      '/v1/policies/audit/occurrences',
      order,
    );
    expect(ordered.status).toBe(201);
    const occurrence = encodeURIComponent(ordered.body.occurrence.key);
    await expect.poll(() => cluster.store.list('pipelineruns').length, PATIENT).toBeGreaterThan(8);
    await leader.server.end('SIGKILL');
    expect(cluster.store.list('pipelineruns').length).toBeLessThan(PROJECTS.length);

    const launches = async (replica: Replica): Promise<readonly Launch[]> =>
      (
        await ask<{ launches: readonly Launch[] }>(
          replica,
          'GET',
          `/v1/policies/audit/occurrences/${occurrence}/launches?limit=1000`,
        )
      ).body.launches;
    await expect
      .poll(
        async () => (await launches(survivor)).filter(({ outcome }) => outcome === 'succeeded').length,
        PATIENT,
      )
      .toBe(PROJECTS.length);
    const runs = cluster.store.list('pipelineruns');
    const namespaces = runs.map(({ metadata }) => metadata.namespace ?? '');
    expect(namespaces.toSorted((a, b) => (a < b ? -1 : 1))).toEqual(
      [...PROJECTS].toSorted((a, b) => (a < b ? -1 : 1)),
    );
    expect(runs.map(({ metadata }) => tekton.executions(metadata.uid ?? ''))).toEqual(PROJECTS.map(() => 1));

    // The one that was killed comes back, follows, and tells the same.
    leader.server = await leader.place.serve();
    expect(await leaders()).toEqual([survivor]);
    expect(await launches(leader)).toEqual(await launches(survivor));
    await expect.poll(async () => (await history(leader)) !== null, PATIENT).toBe(true);
    expect(await history(leader)).toEqual(await history(survivor));
  });

  test('without the database they say so and start nothing, and go on when it is back', {
    timeout: TEST_MS,
  }, async () => {
    const leader = await theLeader();
    const follower = other(leader);
    expect((await ask(leader, 'PUT', '/v1/policies/audit', POLICY)).status).toBe(201);
    await database.stop('SIGKILL');
    for (const replica of replicas) {
      const ready = await ask<{ code: string; detail: string }>(replica, 'GET', '/readyz');
      expect([ready.status, ready.body.code]).toEqual([503, 'store-unreachable']);
      expect(ready.body.detail).not.toContain(database.password);
      const refused = await ask<{ code: string }>(replica, 'POST', '/v1/policies/audit/test-runs', {
        project: 'team-1',
      });
      expect([refused.status, refused.body.code]).toEqual([503, 'store-unreachable']);
      expect((await ask(replica, 'GET', '/healthz')).status).toBe(200);
    }
    expect(cluster.store.list('pipelineruns')).toEqual([]);

    await database.start();
    for (const replica of replicas) {
      await expect.poll(async () => (await ask(replica, 'GET', '/readyz')).status, PATIENT).toBe(200);
    }
    const accepted = await ask<{ id: string }>(follower, 'POST', '/v1/policies/audit/test-runs', {
      project: 'team-1',
    });
    expect(accepted.status).toBe(202);
    await expect
      .poll(
        async () =>
          (await ask<{ state: string }>(leader, 'GET', `/v1/policies/audit/test-runs/${accepted.body.id}`))
            .body.state,
        PATIENT,
      )
      .toBe('succeeded');
  });
});
