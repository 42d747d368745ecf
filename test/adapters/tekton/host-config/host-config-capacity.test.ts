import { expect, test } from 'vitest';
import { parseHostConfig } from '../../../../src/adapters/tekton/host-config/host-config.ts';
import {
  HostConfigCapacity,
  type HostConfigState,
  machineRules,
} from '../../../../src/adapters/tekton/host-config/host-config-capacity.ts';
import { needsReader } from '../../../../src/adapters/tekton/needs/needs-reader.ts';
import { productionHostConfig } from './fixtures.ts';

function watched(first: HostConfigState) {
  let state = first;
  const source = new HostConfigCapacity(() => state);
  return {
    becomes: (next: HostConfigState) => {
      state = next;
    },
    pool: async (name: string) => (await source.read()).find((pool) => pool.name === name),
    pools: () => source.read(),
  };
}

const present = (changes: Record<string, string> = {}): HostConfigState => ({
  kind: 'present',
  data: { ...productionHostConfig(), ...changes },
});

test('live edits are followed, up and down', async () => {
  const config = watched(present());
  expect(await config.pool('linux/arm64')).toEqual({
    name: 'linux/arm64',
    size: 250,
    otherUse: 0,
    doubt: null,
  });
  config.becomes(present({ 'dynamic.linux-arm64.max-instances': '10' }));
  expect((await config.pool('linux/arm64'))?.size).toBe(10);
  config.becomes(present({ 'dynamic.linux-arm64.max-instances': '300' }));
  expect((await config.pool('linux/arm64'))?.size).toBe(300);
});

test('a broken entry keeps its last size, in doubt, until it is mended', async () => {
  const config = watched(present());
  await config.pools();
  config.becomes(present({ 'dynamic.linux-arm64.max-instances': 'x' }));
  expect(await config.pool('linux/arm64')).toMatchObject({
    size: 250,
    doubt: expect.stringContaining('max-instances'),
  });
  expect(await config.pool('linux/s390x')).toMatchObject({ size: 56, doubt: null });
  config.becomes(present());
  expect(await config.pool('linux/arm64')).toMatchObject({ size: 250, doubt: null });
});

test('a missing or unreadable ConfigMap puts all its pools in doubt', async () => {
  const config = watched(present());
  const names = (await config.pools()).map(({ name }) => name);
  for (const gone of [{ kind: 'missing' }, { kind: 'unreadable', why: '403 Forbidden' }] as const) {
    config.becomes(gone);
    const pools = await config.pools();
    expect(pools.map(({ name }) => name)).toEqual(names);
    for (const { doubt } of pools)
      expect(doubt).toMatch(/^the ConfigMap host-config (is missing|cannot be read: 403)/);
  }
  config.becomes(present());
  expect((await config.pools()).every(({ doubt }) => doubt === null)).toBe(true);
});

test('machines of one tag are counted together by rules', () => {
  const config = parseHostConfig(productionHostConfig());
  const read = needsReader({
    pools: config.pools.map(({ name }) => name),
    unlimited: config.local,
    annotationPrefix: 'x',
    rules: machineRules(config),
  });
  const platforms = ['linux/arm64', 'linux-mlarge/arm64', 'linux/s390x', 'linux/x86_64'];
  const run = { spec: { params: [{ name: 'build-platforms', value: platforms }] } };
  expect(read(run, {}).requests).toEqual({
    runs: 1,
    'linux/arm64': 1,
    'linux-mlarge/arm64': 1,
    'linux/s390x': 1,
    'machines/aws/builds-prod': 2,
  });
});
