/**
 * What went wrong in tekton-kueue, one test for each numbered failure, K1 to K7.
 */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { patchBy, ruleFor } from '../../../../src/adapters/tekton/holding/rules.ts';
import { holdPolicy } from '../../../../src/adapters/tekton/manifests/hold-policy.ts';
import { HELD_LABEL } from '../../../../src/adapters/tekton/names.ts';
import { NEEDS_SCHEMA } from '../../../../src/config/needs-rules.ts';
import type { FakeObject } from '../../../fakes/kubernetes/objects.ts';
import { jsonPatched } from '../../../fakes/kubernetes/patches.ts';
import { rawRun } from '../raw-run.ts';
import { PenstockWorld } from './penstock-world.ts';

let world: PenstockWorld;
beforeEach(async () => {
  world = await PenstockWorld.open();
});
afterEach(() => world.dispose());

const allSucceed = (count: number): Promise<void> =>
  world.until(`${count} runs to succeed`, () => world.succeeded() === count);

test('K1: a run that its user created pending is never started', async () => {
  world.create('theirs', { spec: { status: 'PipelineRunPending' } });
  world.create('theirs-labelled', {
    spec: { status: 'PipelineRunPending' },
    labels: { [HELD_LABEL]: 'true' },
  });
  await world.begin();
  for (const name of ['a', 'b', 'c']) world.create(name);
  await allSucceed(3);
  expect(world.isHeld('theirs')).toBe(true);
  expect(world.isHeld('theirs-labelled')).toBe(true);
  expect(world.startRequests()).toHaveLength(3);
});

test('K2: a run that another cluster executes is left alone, is written nothing on, and takes no capacity', async () => {
  world.create('elsewhere', {
    spec: { managedBy: 'kueue.x-k8s.io/multikueue', status: 'PipelineRunPending' },
  });
  const before = world.run('elsewhere');
  await world.begin({ pools: { runs: 1 } });
  world.create('a');
  await allSucceed(1);
  expect(world.run('elsewhere')).toEqual(before);
});

test('K3: a rule that cannot be answered for a run holds that run and says so; it is created, and others start', async () => {
  const rule = {
    name: 'platforms of a list',
    when: ({ params }: { readonly params: ReadonlyMap<string, string> }) =>
      params.get('build-platforms') === 'linux/arm64'
        ? ({ kind: 'unanswerable', why: 'no such overload' } as const)
        : ({ kind: 'no' } as const),
    forEach: null,
    requests: { licence: 1 },
    priority: null,
  };
  const penstock = await world.begin({ rules: [rule], pools: { runs: 2, licence: 1, 'linux/arm64': 1 } });
  world.create('odd', { spec: { params: [{ name: 'build-platforms', value: 'linux/arm64' }] } });
  world.create('a');
  await allSucceed(1);
  await world.until('the reason', async () => (await penstock.why('odd')).includes('platforms of a list'));
  expect(world.isHeld('odd')).toBe(true);
});

test('K3: a condition that is wrong for some run is refused with the configuration, before any run meets it', async () => {
  const rulesOf = (when: string) =>
    NEEDS_SCHEMA.safeParse({ rules: [{ name: 'arm', when, requests: { licence: 1 } }] });
  // What rejected runs in tekton-kueue: a macro over a param that may be a text.
  expect(rulesOf('params["build-platforms"].exists(p, p == "linux/arm64")').success).toBe(false);
  const { rules } = NEEDS_SCHEMA.parse({
    rules: [
      {
        name: 'arm',
        when: 'lists["build-platforms"].exists(p, p == "linux/arm64")',
        requests: { licence: 1 },
      },
    ],
  });
  const penstock = await world.begin({ rules, pools: { runs: 9, licence: 0, 'linux/arm64': 9 } });
  const platforms = (value: unknown) => ({ spec: { params: [{ name: 'build-platforms', value }] } });
  world.create('as-list', platforms(['linux/arm64']));
  world.create('as-text', platforms('linux/arm64'));
  world.create('as-map', platforms({ arch: 'linux/arm64' }));
  world.create('without');
  await world.until('it to succeed', () => world.reasonOf('without') === 'Succeeded');
  for (const name of ['as-list', 'as-text']) {
    await world.until(`the reason of ${name}`, async () => (await penstock.why(name)).includes('licence'));
    expect(world.isHeld(name)).toBe(true);
  }
});

test('K4: a TaskRun on a platform that its run did not declare takes its place in the pool', async () => {
  world.server.store.create('taskruns', {
    metadata: { name: 'sly', namespace: 'plain' },
    spec: { params: [{ name: 'PLATFORM', value: 'linux/s390x' }] },
  });
  const penstock = await world.begin({ pools: { runs: 5, 'linux/s390x': 1 } });
  world.create('honest', { platforms: ['linux/s390x'] });
  world.create('a');
  await allSucceed(1);
  expect(world.isHeld('honest')).toBe(true);
  expect(await penstock.why('honest')).toContain('linux/s390x');
  world.server.store.remove('taskruns', 'plain', 'sly');
  await allSucceed(2);
});

test('K5: the label that the policy writes is the one by which runs are started, and no other', async () => {
  // Read from what is installed, as the API server reads it, and not from our constants.
  const [policy] = holdPolicy('penstock', 'closed');
  const expression = JSON.stringify(policy);
  const written = [...expression.matchAll(/\/metadata\/labels\/([a-z.]+~1[a-z]+)/g)].map(([, key]) =>
    (key ?? '').replaceAll('~1', '/'),
  );
  expect(new Set(written).size).toBe(1);
  const [label = ''] = written;
  const pending = { spec: { status: 'PipelineRunPending' }, namespace: 'plain' };
  world.create('by-the-policy', { ...pending, labels: { [label]: 'true' } });
  world.create('by-another', { ...pending, labels: { [`${label}-too`]: 'true' } });
  await world.begin();
  await allSucceed(1);
  expect(world.reasonOf('by-the-policy', 'plain')).toBe('Succeeded');
  expect(world.witness.timesLetGo('by-another')).toBe(0);
  // And the rules of the webhook write the same.
  world.create('by-the-webhook');
  expect(world.run('by-the-webhook')?.metadata.labels).toEqual({ [label]: 'true' });
  await allSucceed(2);
});

test.each(['-1', 'one', '', '1.5', '99999999999999999999', '0x10'])(
  'K6: requests of "%s" crash nothing: that run is held with the annotation named, others start',
  async (value) => {
    const key = 'kueue.konflux-ci.dev/requests-linux-arm64';
    world.create('odd', { annotations: { [key]: value } });
    const penstock = await world.begin({ pools: { runs: 2, 'linux/arm64': 4 } });
    world.create('a');
    await allSucceed(1);
    expect(world.isHeld('odd')).toBe(true);
    expect(await penstock.why('odd')).toContain(key);
  },
);

test('K7: holding adds nothing to a run but the label and the pending status', () => {
  const run: Readonly<Record<string, unknown>> & { readonly metadata: object } = rawRun({
    labels: { team: 'a' },
    annotations: {},
    spec: { taskRunTemplate: undefined },
  });
  const { taskRunTemplate: _, ...spec } = run.spec as Readonly<Record<string, unknown>>;
  const before = { ...run, spec };
  const rule = ruleFor(before);
  expect(rule).not.toBeNull();
  if (rule === null) return;
  expect(jsonPatched(before as FakeObject, patchBy(rule, before))).toEqual({
    ...before,
    metadata: { ...before.metadata, labels: { team: 'a', [HELD_LABEL]: 'true' } },
    spec: { ...spec, status: 'PipelineRunPending' },
  });
});
