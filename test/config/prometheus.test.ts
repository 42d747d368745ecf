import { expect, test } from 'vitest';
import { HOST_CONFIG_SCHEMA, PROMETHEUS_SCHEMA } from '../../src/config/prometheus.ts';

const url = 'http://prometheus.monitoring:9090';

test("by default exactly the ADR's two queries, and where MPC keeps its hosts", () => {
  const { use, sizes, interval, timeout, staleAfter } = PROMETHEUS_SCHEMA.parse({ url });
  expect(use.map(({ query }) => query)).toEqual([
    'avg(tekton_pipelines_controller_running_pipelineruns)',
    'sum by (platform) (multi_platform_controller_running_tasks{taskrun_namespace!="multi-platform-controller"})',
  ]);
  expect({ sizes, interval, timeout, staleAfter }).toEqual({
    sizes: [],
    interval: 15_000,
    timeout: 5_000,
    staleAfter: 120_000,
  });
  expect(HOST_CONFIG_SCHEMA.parse({})).toEqual({
    namespace: 'multi-platform-controller',
    name: 'host-config',
  });
});

test.each<[string, unknown, string, RegExp]>([
  ['no address', {}, 'url', /^must be the address of a Prometheus server/],
  ['a password in the address', { url: 'http://me:secret@host' }, 'url', /without a password/],
  ['another protocol', { url: 'file:///x' }, 'url', /must be the address/],
  ['a query for nobody', { url, use: [{ query: 'up' }] }, 'use.0', /must have either pool or poolLabel/],
  [
    'a query for two',
    { url, sizes: [{ query: 'up', pool: 'a', poolLabel: 'b' }] },
    'sizes.0',
    /must have either pool or poolLabel/,
  ],
  [
    'a label',
    { url, use: [{ query: 'up', poolLabel: 'a) or vector(1' }] },
    'use.0.poolLabel',
    /must be the name of a label/,
  ],
  [
    'a query as long as a book',
    { url, use: [{ query: 'x'.repeat(3_000), pool: 'a' }] },
    'use.0.query',
    /at most 2000/,
  ],
  ['a number for a time', { url, interval: 15 }, 'interval', /write 15s if you mean seconds/],
])('%s is told', (_, value, path, message) => {
  const { error } = PROMETHEUS_SCHEMA.safeParse(value);
  expect(error?.issues[0]?.path.join('.')).toBe(path);
  expect(error?.issues[0]?.message).toMatch(message);
});
