import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type HostConfig, parseHostConfig } from '../../../../src/adapters/tekton/host-config/host-config.ts';
import { productionHostConfig } from './fixtures.ts';

const sizes = (config: HostConfig) =>
  Object.fromEntries(config.pools.map(({ name, size, doubt }) => [name, doubt ?? size]));

test('a large cluster: dynamic maxima, static hosts summed, local ones without a cap', () => {
  const config = parseHostConfig(productionHostConfig());
  expect(sizes(config)).toEqual({
    'linux/arm64': 250,
    'linux-mlarge/arm64': 250,
    'linux-d160-m4xlarge/amd64': 250,
    'linux/ppc64le': 64,
    'linux/s390x': 56,
    'machines/aws/builds-prod': 250,
  });
  expect(config.local).toEqual(['linux/x86_64', 'local', 'localhost']);
  expect(config.problems).toEqual([]);
});

describe('kinds of platforms', () => {
  test.each<[string, Record<string, string>, Record<string, number | string>]>([
    ['nothing at all', {}, {}],
    [
      'a dynamic pool is machines times concurrency',
      {
        'dynamic-pool-platforms': 'linux/arm64',
        'dynamic.linux-arm64.max-instances': '6',
        'dynamic.linux-arm64.concurrency': '4',
      },
      { 'linux/arm64': 24 },
    ],
    [
      'a host that does not say its concurrency has none',
      { 'host.a.address': '192.0.2.1', 'host.a.platform': 'linux/s390x' },
      { 'linux/s390x': 0 },
    ],
    [
      'local goes before dynamic, dynamic before static',
      {
        'local-platforms': 'linux/amd64',
        'dynamic-platforms': 'linux/amd64,linux/arm64',
        'dynamic.linux-arm64.max-instances': '3',
        'dynamic.linux-amd64.max-instances': '3',
        'host.a.address': '192.0.2.1',
        'host.a.platform': 'linux/arm64',
        'host.a.concurrency': '8',
      },
      { 'linux/arm64': 3 },
    ],
    [
      'tags of their own are counted apart',
      {
        'dynamic-platforms': 'a/x,b/x,c/x,d/x',
        'instance-tag': 'all',
        'dynamic.a-x.max-instances': '5',
        'dynamic.b-x.max-instances': '7',
        'dynamic.c-x.max-instances': '9',
        'dynamic.d-x.max-instances': '2',
        'dynamic.c-x.instance-tag': 'other',
        'dynamic.d-x.type': 'ibmz',
      },
      { 'a/x': 5, 'b/x': 7, 'c/x': 9, 'd/x': 2, 'machines/all': 7 },
    ],
  ])('%s', (_, data, want) => {
    expect(sizes(parseHostConfig(data))).toEqual(want);
  });
});

describe('a broken entry', () => {
  const changed = (changes: Record<string, string | undefined>) => {
    const data = { ...productionHostConfig(), ...changes };
    return parseHostConfig(
      Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined)),
    );
  };

  test.each<[string, Record<string, string | undefined>, string, RegExp]>([
    [
      'no maximum',
      { 'dynamic.linux-arm64.max-instances': undefined },
      'linux/arm64',
      /^host-config has no dynamic\.linux-arm64\.max-instances$/,
    ],
    [
      'maximum 0',
      { 'dynamic.linux-arm64.max-instances': '0' },
      'linux/arm64',
      /dynamic\.linux-arm64\.max-instances is "0"; it must be a whole number from 1/,
    ],
    ['maximum in words', { 'dynamic.linux-arm64.max-instances': 'many' }, 'linux/arm64', /is "many"/],
    [
      'a huge maximum',
      { 'dynamic.linux-arm64.max-instances': '9'.repeat(30) },
      'linux/arm64',
      /must be a whole number/,
    ],
    [
      'concurrency 9',
      { 'host.s390x-static-3.concurrency': '9' },
      'linux/s390x',
      /host\.s390x-static-3\.concurrency is "9"; it must be a whole number from 0 to 8/,
    ],
    ['concurrency empty', { 'host.s390x-static-3.concurrency': '' }, 'linux/s390x', /concurrency is ""/],
    [
      'no address',
      { 'host.s390x-static-3.address': undefined },
      'linux/s390x',
      /^host-config has no host\.s390x-static-3\.address$/,
    ],
    [
      'a dynamic pool without concurrency',
      { 'dynamic-pool-platforms': 'x/y', 'dynamic.x-y.max-instances': '3' },
      'x/y',
      /^host-config has no dynamic\.x-y\.concurrency$/,
    ],
  ])('%s puts that platform in doubt and no other', (_, changes, platform, doubt) => {
    const { pools } = changed(changes);
    expect(pools.filter((pool) => pool.doubt !== null)).toEqual([
      { name: platform, size: 0, doubt: expect.stringMatching(doubt) },
    ]);
    expect(pools.length).toBeGreaterThanOrEqual(6);
  });

  test('one about no platform is told', () => {
    const { pools, problems } = changed({
      'host.s390x-static-3.platform': '',
      'dynamic-platforms': 'linux/arm64,-x-',
    });
    expect(problems).toEqual([
      'dynamic-platforms has "-x-" in it, which is no platform',
      'host.s390x-static-3.platform is missing or no platform',
    ]);
    expect(pools.find(({ name }) => name === 'linux/s390x')).toEqual({
      name: 'linux/s390x',
      size: 48,
      doubt: null,
    });
  });
});

test('whatever the data is, sizes are whole numbers or in doubt', () => {
  const key = fc.constantFrom(
    'local-platforms',
    'dynamic-platforms',
    'dynamic-pool-platforms',
    'instance-tag',
    'host..platform',
    'host.a.b.platform',
    'dynamic.a-b.max-instances',
    'dynamic.a-b.concurrency',
    'host.a.platform',
    'host.a.address',
    'host.a.concurrency',
    '__proto__',
  );
  const value = fc.oneof(
    fc.constantFrom('a/b', 'a/b,,c/d,', '8', '-1', '1e3', ' 4 ', 'a/b, local', '$%&'),
    fc.string(),
    fc.jsonValue(),
  );
  fc.assert(
    fc.property(fc.oneof(fc.dictionary(key, value), fc.jsonValue()), (data) => {
      for (const { name, size } of parseHostConfig(data).pools) {
        expect(name).toMatch(/^[A-Za-z0-9][\w./-]*$/);
        expect(Number.isSafeInteger(size) && size >= 0).toBe(true);
      }
    }),
    { numRuns: 2000 },
  );
});
