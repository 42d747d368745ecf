/** Test runs on the command line: beside a server, without one, and how they end. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWorkplace, type Workplace } from './binary.ts';

const policy = (name: string, script: string): string =>
  JSON.stringify({
    apiVersion: 'penstock.dev/v1alpha1',
    kind: 'PipelineExecutionPolicy',
    metadata: { name },
    spec: {
      enabled: false,
      content: {
        pipelineSpec: {
          tasks: [{ name: 'a', taskSpec: { steps: [{ name: 's', script: `# ${name}\n${script}` }] } }],
        },
      },
      schedule: { type: 'daily', startTime: '02:00' },
      timeWindow: { length: '1h' },
    },
  });

let place: Workplace;
beforeAll(async () => {
  place = await openWorkplace();
  for (const [name, script] of [
    ['alone', 'true'],
    ['good', 'true'],
    ['bad', 'exit 3'],
    ['long', 'exec sleep 600'],
  ] as const) {
    await place.write(`${name}.yaml`, policy(name, script));
    expect((await place.penstock('policy', 'apply', `${name}.yaml`)).status).toBe(0);
  }
});
afterAll(() => place.dispose());

const json = async (...args: readonly string[]) => {
  const { status, stdout } = await place.penstock(...args, '--json');
  return { status, body: JSON.parse(stdout) };
};

test('one that is asked for while nothing runs is run by the server that comes', async () => {
  const asked = await json('test-run', 'alone', '--project', 'shop');
  expect([asked.status, asked.body.state]).toEqual([0, 'waiting']);
  const server = await place.serve();
  const show = () => json('test-run', 'show', 'alone', asked.body.id);
  let shown = await show();
  while (shown.body.endedAtMs === null) shown = await show();
  expect(shown.body).toMatchObject({ state: 'succeeded', project: 'shop' });
  const listed = await json('test-run', 'list', 'alone', '--limit', '5');
  expect(listed.body.testRuns).toEqual([shown.body]);
  const again = await json('test-run', 'alone', '--project', 'shop');
  expect(again.status).toBe(1);
  expect(again.body).toMatchObject({
    code: 'test-run-too-soon',
    retryAtMs: asked.body.askedAtMs + 3_600_000,
  });
  await server.end('SIGTERM');
});

test('--follow waits for the end, and its exit status says how that was', async () => {
  const server = await place.serve();
  const good = await place.penstock('test-run', 'good', '--project', 'shop', '--follow');
  expect([good.status, good.stdout]).toEqual([0, expect.stringMatching(/^state: +succeeded$/m)]);
  const bad = await json('test-run', 'bad', '--project', 'shop', '--follow', '--key', 'monday-1');
  expect([bad.status, bad.body.state]).toEqual([1, 'failed']);
  const repeated = await json('test-run', 'bad', '--project', 'shop', '--key', 'monday-1');
  expect([repeated.status, repeated.body.id]).toEqual([0, bad.body.id]);
  await server.end('SIGTERM');
});

test('it survives a server that is killed, and can be cancelled afterwards', async () => {
  const first = await place.serve();
  const { body: asked } = await json('test-run', 'long', '--project', 'shop');
  const state = async () => (await json('test-run', 'show', 'long', asked.id)).body.state;
  while ((await state()) !== 'running');
  await first.end('SIGKILL');
  const second = await place.serve();
  expect(await state()).toBe('running');
  expect((await json('test-run', 'cancel', 'long', asked.id)).status).toBe(0);
  while ((await state()) === 'running');
  expect(await state()).toBe('cancelled');
  await second.end('SIGTERM');
});

test.each([
  [[], /say which policy and project/],
  [['good'], /say which policy and project/],
  [['nobody', '--project', 'x'], /There is no policy "nobody"/],
])('%j is refused in one line', async (args, want) => {
  const { status, stderr } = await place.penstock('test-run', ...args);
  expect(status).toBe(1);
  expect(stderr).toMatch(want);
});
