/**
 * Two `penstock serve` with the local engine on one PostgreSQL, each with a data folder of its
 * own: one leads and executes, the other takes requests for it, and leads when it is gone.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { socketTransport } from '../../src/cli/transport.ts';
import { PostgresServer, withPostgres } from '../adapters/sql/postgres/postgres-server.ts';
import { openWorkplace, pipelineOf, type Server, type Workplace } from '../cli/binary.ts';

const PATIENT = { timeout: 60_000, interval: 250 };
const TEST_MS = 240_000;

const policy = (name: string) => ({
  apiVersion: 'penstock.dev/v1alpha1',
  kind: 'PipelineExecutionPolicy',
  metadata: { name },
  spec: {
    enabled: true,
    content: {
      pipelineSpec: { tasks: [{ name: 'say', taskSpec: { steps: [{ name: 's', script: 'echo here' }] } }] },
    },
    schedule: { type: 'monthly', daysOfMonth: ['last'], startTime: '23:59' },
    timeWindow: { length: '1h' },
  },
});

withPostgres('two serves with the local engine on one PostgreSQL', () => {
  let database: PostgresServer;
  const places: Workplace[] = [];
  beforeAll(async () => {
    database = await PostgresServer.start();
  });
  afterAll(async () => {
    for (const place of places) await place.dispose();
    await database.dispose();
  });

  async function openPlace(url: string): Promise<Workplace> {
    const settings = {
      store: { url, passwordFile: 'password' },
      projects: { shop: { tenant: 'web' } },
      log: { level: 'error' },
    };
    const place = await openWorkplace({
      'penstock.yaml': JSON.stringify(settings),
      password: database.password,
      'pipeline.yaml': pipelineOf('echo hello'),
    });
    places.push(place);
    return place;
  }

  async function ask<T>(server: Server, method: 'GET' | 'POST' | 'PUT', path: string, body?: object) {
    const text = body === undefined ? null : JSON.stringify(body);
    const answer = await socketTransport(server.socketPath)({ method, path, body: text });
    return { status: answer.status, body: JSON.parse(answer.body) as T };
  }

  async function leads(server: Server): Promise<boolean> {
    const metrics = await socketTransport(server.socketPath)({ method: 'GET', path: '/metrics', body: null });
    return /^penstock_leading 1$/m.test(metrics.body);
  }

  async function testRun(asked: Server, name: string): Promise<string> {
    expect((await ask(asked, 'PUT', `/v1/policies/${name}`, policy(name))).status).toBe(201);
    const accepted = await ask<{ id: string; runId: string | null }>(
      asked,
      'POST',
      `/v1/policies/${name}/test-runs`,
      { project: 'shop' },
    );
    expect(accepted.status).toBe(202);
    return `/v1/policies/${name}/test-runs/${accepted.body.id}`;
  }

  test('the one that leads executes what the other accepts; killed, it is followed by it', {
    timeout: TEST_MS,
  }, async () => {
    const { url } = await database.database();
    const [here, there] = [await openPlace(url), await openPlace(url)];
    const first = await here.serve();
    await expect.poll(() => leads(first), PATIENT).toBe(true);
    const second = await there.serve();
    expect(await leads(second)).toBe(false);

    const path = await testRun(second, 'first');
    for (const server of [second, first]) {
      await expect
        .poll(async () => (await ask<{ state: string }>(server, 'GET', path)).body.state, PATIENT)
        .toBe('succeeded');
    }
    const refused = await there.penstock('run', 'create', '-f', 'pipeline.yaml', '--project', 'shop');
    expect([refused.status, refused.stdout]).toEqual([1, '']);
    expect(refused.stderr).toMatch(/stands by and starts nothing; \S+:\d+ leads: ask there/);
    // A second one on the folder itself stays refused.
    expect((await here.penstock('serve', '--port', '0')).stderr).toContain('is in use by');

    await first.end('SIGKILL');
    await expect.poll(() => leads(second), PATIENT).toBe(true);
    const later = await testRun(second, 'second');
    await expect
      .poll(async () => (await ask<{ state: string }>(second, 'GET', later)).body.state, PATIENT)
      .toBe('succeeded');
    const created = await there.penstock('run', 'create', '-f', 'pipeline.yaml', '--project', 'shop');
    expect([created.status, created.stderr]).toEqual([0, '']);
    expect((await ask(second, 'POST', '/v1/policies/first/test-runs', { project: 'shop' })).status).toBe(429);
  });
});
