/**
 * One leader at any moment, whatever servers, networks and clocks do, and soon another one when
 * the leader is gone.
 */
import { setTimeout as realPause } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { elect } from '../../../../src/adapters/tekton/kubernetes/lease/elect.ts';
import type { Leadership } from '../../../../src/adapters/tekton/kubernetes/lease/leadership.ts';
import { randomStream } from '../../../../src/core/random/random.ts';
import type { FakeApiServer } from '../../../fakes/kubernetes/fake-api-server.ts';
import { ManualTime } from '../../../fakes/kubernetes/manual-time.ts';
import { clusterBy, SILENT, serverFor } from './place.ts';

const BOUNDS = { leaseDurationMs: 10_000, renewDeadlineMs: 7_000, retryMs: 2_000 };

interface Candidate {
  readonly time: ManualTime;
  readonly leadership: Leadership;
}

async function candidateOn(server: FakeApiServer, identity: string, bounds = BOUNDS): Promise<Candidate> {
  const time = new ManualTime();
  const cluster = await clusterBy(server.kubeconfig(), time);
  const leadership = elect({
    cluster,
    namespace: 'default',
    name: 'penstock',
    identity,
    log: SILENT,
    time,
    bounds,
  });
  onTestFinished(() => leadership.close());
  return { time, leadership };
}

/** Time passes for all of them alike, as it does; what each calls its time is another matter. */
async function passing(
  candidates: readonly Candidate[],
  ms: number,
  check: () => void = () => {},
): Promise<void> {
  for (let passedMs = 0; passedMs < ms; passedMs += 50) {
    for (const { time } of candidates) time.pass(50);
    check();
    await realPause(1);
    check();
  }
}

async function until(
  candidates: readonly Candidate[],
  condition: () => boolean,
  ms = 60_000,
): Promise<number> {
  for (let passedMs = 0; passedMs < ms; passedMs += 50) {
    if (condition()) return passedMs;
    await passing(candidates, 50);
  }
  throw new Error(`not within ${ms} ms`);
}

const leads = ({ leadership }: Candidate) => leadership.state().kind === 'leading';
const specOf = (server: FakeApiServer) => server.store.get('leases', 'default', 'penstock').spec;

test('the first takes it, the second follows and says whom', async () => {
  const server = await serverFor();
  const a = await candidateOn(server, 'a');
  await until([a], () => leads(a));
  const state = a.leadership.state();
  expect(state.kind === 'leading' && state.untilMs - state.sinceMs).toBe(7_000);
  const b = await candidateOn(server, 'b');
  await passing([a, b], 30_000);
  expect([leads(a), b.leadership.state()]).toEqual([true, { kind: 'following', leader: 'a' }]);
  expect(specOf(server)).toMatchObject({
    holderIdentity: 'a',
    leaseDurationSeconds: 10,
    leaseTransitions: 1,
    renewTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
  });
});

test('a leader that dies is replaced after the lease duration and not before', async () => {
  const server = await serverFor();
  const a = await candidateOn(server, 'a');
  await until([a], () => leads(a));
  const b = await candidateOn(server, 'b');
  await passing([a, b], 5_000);
  a.time.isStopped = true;
  const tookMs = await until([a, b], () => leads(b));
  expect(tookMs).toBeGreaterThan(7_900);
  expect(tookMs).toBeLessThanOrEqual(13_000);
  expect(leads(a)).toBe(false);
  a.time.isStopped = false;
  await passing([a, b], 5_000);
  expect([a.leadership.state(), leads(b)]).toEqual([{ kind: 'following', leader: 'b' }, true]);
});

test('closed, the leader gives it back and another leads at once', async () => {
  const server = await serverFor();
  const a = await candidateOn(server, 'a');
  await until([a], () => leads(a));
  const b = await candidateOn(server, 'b');
  await passing([a, b], 3_000);
  const closed = a.leadership.close();
  expect(leads(a)).toBe(false);
  await closed;
  expect(specOf(server)).toMatchObject({ holderIdentity: '' });
  expect(await until([b], () => leads(b))).toBeLessThan(3_000);
  expect(specOf(server)).toMatchObject({ holderIdentity: 'b', leaseTransitions: 2 });
});

test('a follower that closes leaves the lease alone', async () => {
  const server = await serverFor();
  const a = await candidateOn(server, 'a');
  await until([a], () => leads(a));
  const b = await candidateOn(server, 'b');
  await passing([a, b], 3_000);
  await b.leadership.close();
  expect(specOf(server)).toMatchObject({ holderIdentity: 'a' });
});

test('without the API server it leads until its deadline, says so, and comes back', async () => {
  const server = await serverFor();
  const a = await candidateOn(server, 'a');
  await until([a], () => leads(a));
  const told: string[] = [];
  a.leadership.onChange(() => told.push(a.leadership.state().kind));
  await server.stop();
  await passing([a], 4_000);
  expect(leads(a)).toBe(true);
  await passing([a], 4_000);
  expect([leads(a), told]).toEqual([false, ['following']]);
  await server.start();
  await until([a], () => leads(a));
  expect(told).toEqual(['following', 'leading']);
});

test('a renewal whose answer is lost is followed by another in time', async () => {
  const server = await serverFor();
  const a = await candidateOn(server, 'a');
  await until([a], () => leads(a));
  server.faults.add({ method: 'PUT', fault: { kind: 'apply', ending: 'hang' } });
  await passing([a], 20_000, () => expect(leads(a)).toBe(true));
});

test('an answer that comes after the deadline does not make a leader', async () => {
  const server = await serverFor();
  const a = await candidateOn(server, 'a');
  await until([a], () => leads(a));
  const gate = Promise.withResolvers<void>();
  server.faults.add({ method: 'PUT', fault: { kind: 'answer-late', until: gate.promise } });
  const asked = server.requests.length;
  await until([a], () => server.requests.length > asked);
  // The process is stopped for a while: its clocks go on, and nothing of it is called.
  a.time.setWall(a.time.wallMs() + 8_000);
  expect(leads(a)).toBe(false);
  gate.resolve();
  await realPause(50);
  expect(leads(a)).toBe(false);
});

test('a machine that slept does not lead when it wakes up, though its steady clock stood still', async () => {
  const server = await serverFor();
  const a = await candidateOn(server, 'a');
  await until([a], () => leads(a));
  a.time.setWall(a.time.wallMs() + 3_600_000);
  expect(leads(a)).toBe(false);
});

test('clocks that are hours apart, or are set, change nothing', async () => {
  const server = await serverFor();
  const a = await candidateOn(server, 'a');
  await until([a], () => leads(a));
  const b = await candidateOn(server, 'b');
  b.time.setWall(b.time.wallMs() + 5 * 3_600_000);
  await passing([a, b], 15_000, () => expect(leads(b)).toBe(false));
  a.time.setWall(a.time.wallMs() - 3_600_000);
  await passing([a, b], 15_000, () => expect([leads(a), leads(b)]).toEqual([true, false]));
});

test('a lease that somebody removes stays with its leader', async () => {
  const server = await serverFor();
  const a = await candidateOn(server, 'a');
  await until([a], () => leads(a));
  const b = await candidateOn(server, 'b');
  await passing([a, b], 3_000);
  server.store.remove('leases', 'default', 'penstock');
  await passing([a, b], 15_000, () => expect(leads(b)).toBe(false));
  expect(leads(a)).toBe(true);
});

test('one that asked for a longer lease is given it by those with a shorter one', async () => {
  const server = await serverFor();
  const a = await candidateOn(server, 'a', {
    leaseDurationMs: 30_000,
    renewDeadlineMs: 20_000,
    retryMs: 2_000,
  });
  await until([a], () => leads(a));
  const b = await candidateOn(server, 'b');
  await passing([a, b], 3_000);
  const tookMs = await until([b], () => leads(b));
  expect(tookMs).toBeGreaterThan(20_000);
});

test('a lease written by others is heeded, whatever is missing in it', async () => {
  const server = await serverFor();
  server.store.create('leases', {
    metadata: { namespace: 'default', name: 'penstock' },
    spec: { holderIdentity: 'x' },
  });
  const a = await candidateOn(server, 'a');
  const tookMs = await until([a], () => leads(a));
  expect(tookMs).toBeGreaterThan(9_000);
});

const SEEDS = [1, 2, 3, 4, 5, 6];

test.each(SEEDS)(
  'never two leaders, and one again within a bound after all is well: seed %d',
  async (seed) => {
    const random = randomStream(seed, 'lease');
    const server = await serverFor();
    const all = [
      await candidateOn(server, 'a'),
      await candidateOn(server, 'b'),
      await candidateOn(server, 'c'),
    ];
    const atMostOne = () => expect(all.filter(leads).length).toBeLessThanOrEqual(1);
    for (let turn = 0; turn < 12; turn += 1) {
      const faults = [
        { kind: 'apply', ending: 'hang' },
        { kind: 'apply', ending: 'reset' },
        { kind: 'ignore', ending: 'hang' },
        { kind: 'answer', code: 500 },
        { kind: 'answer', code: 409 },
      ] as const;
      const fault = faults[Math.floor(random.next() * faults.length)];
      if (fault !== undefined) server.faults.add({ fault, times: Math.floor(random.next() * 6) });
      const isOut = random.next() < 0.2;
      if (isOut) await server.stop();
      for (const { time } of all) time.isStopped = random.next() < 0.2;
      await passing(all, 50 * Math.floor(random.next() * 200), atMostOne);
      if (isOut) await server.start();
    }
    server.faults.clear();
    for (const { time } of all) time.isStopped = false;
    await until(all, () => all.some(leads), 30_000);
    await passing(all, 5_000, atMostOne);
  },
);

test('an identity is of this host and process', async () => {
  const server = await serverFor();
  const cluster = await clusterBy(server.kubeconfig());
  const [one, two] = [1, 2].map(() =>
    elect({ cluster, namespace: 'default', name: 'penstock', log: SILENT }),
  );
  onTestFinished(async () => {
    await one?.close();
    await two?.close();
  });
  expect(one?.identity).not.toBe(two?.identity);
  await vi.waitFor(() =>
    expect([one, two].filter((each) => each?.state().kind === 'leading')).toHaveLength(1),
  );
});
