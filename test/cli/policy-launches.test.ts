/** The commands about registered policies and their launches: what becomes of the world, and wrong input. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openWorkplace, type Workplace } from './binary.ts';

interface Given {
  readonly enabled?: boolean;
  readonly script?: string;
  readonly projects?: readonly string[];
}

function policy(
  name: string,
  { enabled = true, script = 'true', projects = ['bank', 'shop'] }: Given = {},
): string {
  const steps = [{ name: 's', script: `# ${name}\n${script}` }];
  return JSON.stringify({
    apiVersion: 'penstock.dev/v1alpha1',
    kind: 'PipelineExecutionPolicy',
    metadata: { name },
    spec: {
      enabled,
      content: { pipelineSpec: { tasks: [{ name: 'a', taskSpec: { steps } }] } },
      schedule: { type: 'daily', startTime: '02:00' },
      timeWindow: { length: '1h' },
      scope: { include: { projects } },
    },
  });
}

let place: Workplace;
beforeAll(async () => {
  place = await openWorkplace({
    'penstock.yaml':
      'projects: { bank: { tenant: money }, shop: { tenant: web } }\npools: { runs: { size: 2 } }\n',
  });
});
afterAll(() => place.dispose());

const json = async (...args: readonly string[]) => {
  const { status, stdout } = await place.penstock('policy', ...args, '--json');
  return { status, body: JSON.parse(stdout) };
};
const names = async (): Promise<readonly string[]> =>
  (await json('list')).body.policies.map(({ name }: { name: string }) => name);

async function apply(name: string, given?: Given) {
  await place.write(`${name}.yaml`, policy(name, given));
  return json('apply', `${name}.yaml`);
}

describe('list, apply and delete', () => {
  test('what is applied is listed, again changes nothing, otherwise is a new version', async () => {
    const first = await apply('audit');
    expect([first.status, first.body.policies[0].change]).toEqual([0, 'created']);
    expect((await apply('audit')).body.policies[0].change).toBe('unchanged');
    const second = await apply('audit', { script: 'exit 0' });
    expect(second.body.policies[0].change).toBe('updated');
    const [before, after] = [first, second].map(({ body }) => body.policies[0].policy);
    expect(after.version).toBeGreaterThan(before.version);
    expect([after.identity, after.contentHash === before.contentHash]).toEqual([before.identity, false]);
    expect(await names()).toEqual(['audit']);
    expect((await place.penstock('policy', 'list')).stdout).toMatch(/audit/);
  });

  test('a version that is not the present one changes and deletes nothing', async () => {
    await place.write('audit.yaml', policy('audit', { script: 'echo other' }));
    const [{ version, contentHash }] = (await json('list')).body.policies;
    const applied = await json('apply', 'audit.yaml', '--if-version', '999');
    const deleted = await json('delete', 'audit', '--if-version', '999');
    expect([applied.status, applied.body.code]).toEqual([1, 'policy-changed']);
    expect([deleted.status, deleted.body.code]).toEqual([1, 'policy-changed']);
    expect((await json('list')).body.policies).toMatchObject([{ version, contentHash }]);
  });

  test('what is deleted is listed no more, and is itself again when it comes back', async () => {
    const { identity } = (await apply('passing')).body.policies[0].policy;
    const deleted = await json('delete', 'passing');
    expect(deleted).toEqual({ status: 0, body: { name: 'passing', deleted: true } });
    expect(await names()).toEqual(['audit']);
    expect((await apply('passing')).body.policies[0].policy.identity).toBe(identity);
    await json('delete', 'passing');
  });

  test('a file with a mistake in it registers nothing', async () => {
    await place.write('bad.yaml', policy('bad').replace('daily', 'hourly'));
    const { status, stderr } = await place.penstock('policy', 'apply', 'bad.yaml');
    expect([status, stderr.trimEnd().split('\n').length]).toEqual([1, 1]);
    expect(stderr).toMatch(/bad\.yaml.*schedule\.type/);
    expect(await names()).toEqual(['audit']);
  });

  test('two policies of one file are both registered', async () => {
    await place.write('two.yaml', `${policy('one')}\n---\n${policy('two')}\n`);
    expect((await json('apply', 'two.yaml')).body.policies).toHaveLength(2);
    expect(await names()).toEqual(['audit', 'one', 'two']);
    const refused = await place.penstock('policy', 'apply', 'two.yaml', '--if-version', '1');
    expect([refused.status, refused.stderr]).toEqual([1, expect.stringContaining('the file has 2 policies')]);
    for (const name of ['one', 'two']) await json('delete', name);
  });
});

describe('run-now, occurrences, launches and history', () => {
  test('an order is launched by the server that comes, once for each project, and is told of to its end', async () => {
    const ordered = await json('run-now', 'audit', '--window', '1s', '--key', 'monday-once');
    expect(ordered).toMatchObject({ status: 0, body: { created: true, occurrence: { cause: 'order' } } });
    const again = await json('run-now', 'audit', '--window', '1s', '--key', 'monday-once');
    expect(again.body).toMatchObject({ created: false, occurrence: { key: ordered.body.occurrence.key } });
    const { key } = ordered.body.occurrence;
    const server = await place.serve();
    const occurrence = async () =>
      (await json('occurrences', 'audit')).body.occurrences.find((one: { key: string }) => one.key === key);
    await expect
      .poll(async () => (await occurrence()).outcomes, { timeout: 45_000 })
      .toEqual({ succeeded: 2 });
    expect(await occurrence()).toMatchObject({ launches: { launched: 2 }, verdict: 'planned' });
    const { launches } = (await json('launches', 'audit', key)).body;
    expect(launches.map(({ project, outcome }: Launch) => [project, outcome]).toSorted()).toEqual([
      ['bank', 'succeeded'],
      ['shop', 'succeeded'],
    ]);
    const runs = JSON.parse((await place.penstock('run', 'list', '--json')).stdout).runs;
    expect(runs.map(({ id }: { id: string }) => id).toSorted()).toEqual(
      launches.map(({ runId }: Launch) => runId).toSorted(),
    );
    const page = (await json('launches', 'audit', key, '--limit', '1')).body;
    const rest = (await json('launches', 'audit', key, '--limit', '1', '--after', page.next)).body;
    expect([...page.launches, ...rest.launches]).toEqual(launches);
    const text = await place.penstock('policy', 'launches', 'audit', key);
    expect(text.stdout).toMatch(/bank[\s\S]*shop|shop[\s\S]*bank/);
    await server.end('SIGTERM');
  });

  test('its history counts those runs, and stays when it is deleted', async () => {
    const history = await json('history', 'audit');
    expect(history.status).toBe(0);
    const { all } = history.body;
    expect(JSON.stringify(all)).toContain('"succeeded":2');
    await json('delete', 'audit');
    expect((await json('history', 'audit')).body.all).toEqual(all);
    expect((await json('occurrences', 'audit')).status).toBe(0);
    const { status, body } = await json('run-now', 'audit');
    expect([status, body.code]).toEqual([1, 'policy-unknown']);
  });

  test('one that is disabled, or has nothing in scope, launches nothing', async () => {
    await apply('off', { enabled: false });
    const off = await json('run-now', 'off', '--window', '1s');
    expect([off.status, off.body.code]).toEqual([1, 'policy-inactive']);
    await apply('nowhere', { projects: ['no-such-project'] });
    const nowhere = await json('run-now', 'nowhere', '--window', '1s');
    expect([nowhere.status, nowhere.body.code]).toEqual([1, 'policy-inactive']);
    for (const name of ['off', 'nowhere']) {
      expect((await json('occurrences', name)).body.occurrences).toEqual([]);
    }
  });
});

interface Launch {
  readonly project: string;
  readonly outcome: string | null;
  readonly runId: string;
}

describe('wrong input', () => {
  // Beside a server they need not wait for each other.
  beforeAll(async () => {
    await place.serve();
  });

  test.concurrent.each([
    [['apply'], /missing required argument 'file'/],
    [['apply', 'no-such-file.yaml'], /no-such-file\.yaml/],
    [['apply', '.'], /\.: is not a file/],
    [['delete', 'nobody'], /There is no policy "nobody"/],
    [['delete', '../../etc'], /There is no policy "\.\.\/\.\.\/etc"/],
    [['delete', 'off', '--if-version', 'x'], /--if-version must be the number of a version/],
    [['run-now', 'nobody'], /There is no policy "nobody"/],
    [['run-now', 'off', '--window', 'soon'], /--window/],
    [['run-now', 'off', '--window', '99w'], /window/],
    [['run-now', 'off', '--key', 'k'.repeat(300)], /key/],
    [['occurrences', 'nobody'], /There is no policy "nobody"/],
    [['occurrences', 'off', '--limit', '0'], /--limit/],
    [['occurrences', 'off', '--limit', 'ten'], /--limit/],
    [['launches', 'off'], /missing required argument 'occurrence'/],
    [['launches', 'off', 'never'], /has no occurrence "never"/],
    [['launches', 'nobody', 'never'], /There is no policy "nobody"/],
    [['history', 'nobody'], /There is no policy "nobody"/],
    [['history', 'off', '--by', 'moon'], /by: /],
  ] as const)('policy %j is refused in one line', async (args, want) => {
    const { status, stdout, stderr } = await place.penstock('policy', ...args);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(want);
    expect(stderr.trimEnd().split('\n').length).toBe(1);
    expect(stderr).not.toMatch(/ at .*\.ts/);
  });
});
