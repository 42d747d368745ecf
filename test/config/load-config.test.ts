import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { VARIABLES } from '../../src/config/overrides.ts';
import { FILE_SCHEMA } from '../../src/config/schema.ts';
import { configGuide, exampleConfig } from './config-guide.ts';
import { configRig } from './config-rig.ts';

const rig = configRig();

test('with no file at all there is a pool "runs", three priorities and a listener on loopback', async () => {
  const config = await rig.load();
  expect(config).toMatchObject({
    file: null,
    dataFolder: join(rig.folder, '.penstock'),
    http: { host: '127.0.0.1', port: 7077 },
    logLevel: 'info',
    projects: [],
  });
  expect(config.pools).toHaveLength(1);
  expect(config.pools[0]).toMatchObject({ name: 'runs', paused: false });
  expect(config.pools[0]?.size).toBeGreaterThanOrEqual(2);
  expect(config.admission).toEqual({
    mode: 'enforce',
    shadowAdopts: 'all',
    paused: false,
    pausedPools: [],
    priorities: [
      { name: 'high', patienceMs: 600_000 },
      { name: 'normal', patienceMs: 1_800_000 },
      { name: 'low', patienceMs: 7_200_000 },
    ],
    tenants: [],
    maxGrants: 4,
    startDeadlineMs: 10_000,
    relistMs: 5_000,
    retryMinMs: 1_000,
    retryMaxMs: 60_000,
    startConcurrency: 16,
    maxHeld: 100_000,
    maxHeldMs: null,
    firstEstimate: { p50Ms: 60_000, p90Ms: 300_000 },
  });
});

test('an empty file, and one with comments only, mean the same as none', async () => {
  const without = await rig.load();
  for (const text of ['', '# nothing yet\n', '---\n']) {
    await rig.write(text);
    expect({ ...(await rig.load()), file: null }).toEqual(without);
  }
});

test('a cluster is asked for more starts side by side than this machine, unless it is said how many', async () => {
  await rig.write('engine: tekton\n');
  expect((await rig.load()).admission.startConcurrency).toBe(64);
  await rig.write('engine: tekton\nadmission: { startConcurrency: 8 }\n');
  expect((await rig.load()).admission.startConcurrency).toBe(8);
});

test('the example says what it means', async () => {
  await rig.write(exampleConfig());
  const config = await rig.load();
  expect(config.pools).toEqual([
    { name: 'runs', size: 20, paused: false },
    { name: 'linux/arm64', size: 4, paused: false },
    { name: 'linux/s390x', size: 1, paused: true },
  ]);
  expect(config.projects).toEqual([
    { name: 'web/shop', tenant: 'web', folder: rig.folder, labels: { tier: 'gold' } },
  ]);
  expect(config.admission.pausedPools).toEqual(['linux/s390x']);
  expect(config.admission.tenants).toEqual([
    { name: 'web', weight: 2, caps: {}, paused: false },
    { name: 'data', weight: 1, caps: { runs: 10, 'linux/arm64': 1 }, paused: false },
    { name: 'labs', weight: 1, caps: {}, paused: true },
  ]);
});

test('the example states every default as it is', async () => {
  const { admission, dataFolder, http, logLevel } = await rig.load();
  await rig.write(exampleConfig());
  const shown = await rig.load();
  expect(shown).toMatchObject({ dataFolder, http, logLevel });
  const own = { pausedPools: shown.admission.pausedPools, tenants: shown.admission.tenants };
  expect(shown.admission).toEqual({ ...admission, ...own });
});

test('the example has every key there is, and the guide every variable', async () => {
  const keysOf = (value: unknown): readonly string[] =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, inner]) => [key, ...keysOf(inner)])
      : [];
  const shown = new Set(keysOf(parse(exampleConfig())));
  const known = knownKeys();
  expect(known.length).toBeGreaterThan(25);
  expect(known.filter((key) => !shown.has(key))).toEqual([]);

  const guide = configGuide();
  expect(VARIABLES).toHaveLength(41);
  expect(VARIABLES.filter((variable) => !guide.includes(`\`${variable}\``))).toEqual([]);
});

/** Every key that the schema names, at whatever depth. */
function knownKeys(): readonly string[] {
  const keys = new Set<string>();
  const collect = (node: unknown) => {
    if (typeof node !== 'object' || node === null) return;
    const { properties, ...rest } = node as { readonly properties?: Readonly<Record<string, unknown>> };
    for (const [key, inner] of Object.entries(properties ?? {})) {
      keys.add(key);
      collect(inner);
    }
    for (const inner of Object.values(rest)) collect(inner);
  };
  collect(z.toJSONSchema(FILE_SCHEMA, { io: 'input', unrepresentable: 'any' }));
  return [...keys];
}

test('a maximum age is off unless it is given, as a length of time or by a variable', async () => {
  await rig.write('admission: { maxAge: 2d }\n');
  expect((await rig.load()).admission.maxHeldMs).toBe(172_800_000);
  expect((await rig.load({ env: { PENSTOCK_ADMISSION_MAX_AGE: 'off' } })).admission.maxHeldMs).toBeNull();
});

test('pools without "runs" get it; "never" is a patience; "off" and null switch the listener off', async () => {
  await rig.write('pools: { arm: { size: 0 } }\npriorities: [{ name: only, patience: never }]\nhttp: off\n');
  const config = await rig.load();
  expect(config.pools.map((pool) => pool.name)).toEqual(['runs', 'arm']);
  expect(config.admission.priorities).toEqual([{ name: 'only', patienceMs: null }]);
  expect(config.http).toBeNull();
  for (const text of ['http: ~', 'http: { port: off }', 'http: { host: localhost, port: null }']) {
    await rig.write(text);
    expect((await rig.load()).http).toBeNull();
  }
});

test('flags go over variables, variables over the file, the file over the defaults', async () => {
  await rig.write('http: { port: 1111 }\nlog: { level: warn }\npools: { runs: { size: 3, paused: true } }\n');
  const env = {
    PENSTOCK_HTTP_PORT: '2222',
    PENSTOCK_POOLS_RUNS_SIZE: '5',
    PENSTOCK_ADMISSION_MAX_GRANTS: '0',
  };
  expect(await rig.load()).toMatchObject({ http: { port: 1111 }, logLevel: 'warn' });
  expect(await rig.load({ env })).toMatchObject({
    http: { host: '127.0.0.1', port: 2222 },
    logLevel: 'warn',
    pools: [{ name: 'runs', size: 5, paused: true }],
    admission: { maxGrants: 0 },
  });
  const flags = { port: '3333', logLevel: 'debug', slots: 7, mode: 'shadow' };
  expect(await rig.load({ env, flags })).toMatchObject({
    http: { port: 3333 },
    logLevel: 'debug',
    pools: [{ name: 'runs', size: 7, paused: true }],
    admission: { mode: 'shadow', maxGrants: 0 },
  });
});

test('a port from outside switches on what the file has off, and "off" from outside switches it off', async () => {
  await rig.write('http: off\n');
  expect((await rig.load({ flags: { port: 0 } })).http).toEqual({ host: '127.0.0.1', port: 0 });
  expect((await rig.load({ env: { PENSTOCK_HTTP_HOST: '::1' } })).http).toEqual({ host: '::1', port: 7077 });
  await rig.write('http: { port: 8080 }\n');
  expect((await rig.load({ flags: { port: 'off' } })).http).toBeNull();
});

test('an empty variable counts as not set, and a folder may be called like a number', async () => {
  const env = { PENSTOCK_LOG_LEVEL: '', PENSTOCK_CONFIG: '', PENSTOCK_DATA: '2026' };
  expect(await rig.load({ env })).toMatchObject({ logLevel: 'info', dataFolder: join(rig.folder, '2026') });
});

test('what Kubernetes and the local engine put into the environment is not ours to complain about', async () => {
  const env = {
    PENSTOCK_SERVICE_HOST: '10.0.0.1',
    PENSTOCK_SERVICE_PORT_HTTP: '80',
    PENSTOCK_PORT: 'tcp://10.0.0.1:80',
    PENSTOCK_PORT_80_TCP_ADDR: '10.0.0.1',
    PENSTOCK_HTTP_PORT: 'tcp://10.0.0.1:80',
    PENSTOCK_RUN_TOKEN: 'x',
  };
  expect((await rig.load({ env })).http).toEqual({ host: '127.0.0.1', port: 7077 });
});

test('paths in the file count from the file, paths from outside from where one is', async () => {
  await mkdir(join(rig.folder, 'etc'));
  await mkdir(join(rig.folder, 'home'));
  await rig.write('data: state\nprojects: { p: { tenant: t, folder: ../src } }\n', 'etc/penstock.yaml');
  const sources = { cwd: join(rig.folder, 'home'), file: '../etc/penstock.yaml' };
  expect(await rig.load(sources)).toMatchObject({
    file: join(rig.folder, 'etc', 'penstock.yaml'),
    dataFolder: join(rig.folder, 'etc', 'state'),
    projects: [{ folder: join(rig.folder, 'src') }],
  });
  expect((await rig.load({ ...sources, flags: { data: 'mine' } })).dataFolder).toBe(
    join(rig.folder, 'home', 'mine'),
  );
});

test('PENSTOCK_CONFIG names the file, --config goes over it', async () => {
  await rig.write('log: { level: error }', 'one.yaml');
  await rig.write('log: { level: debug }', 'two.yaml');
  const env = { PENSTOCK_CONFIG: 'one.yaml' };
  expect((await rig.load({ env })).logLevel).toBe('error');
  expect((await rig.load({ env, file: 'two.yaml' })).logLevel).toBe('debug');
});

test('anchors and aliases may be used', async () => {
  await rig.write('pools:\n  a: &small { size: 1 }\n  b: *small\n');
  expect((await rig.load()).pools.slice(1)).toEqual([
    { name: 'a', size: 1, paused: false },
    { name: 'b', size: 1, paused: false },
  ]);
});

test('what Penstock was started in is handed on, for the engine that runs processes', async () => {
  const env = { HOME: '/nowhere', LANG: 'C' };
  expect((await rig.load({ env })).environment).toEqual(env);
});

test('whether pods are read is on or off, in the file and as a variable', async () => {
  const usageOf = async (yaml: string, env = {}) => {
    await rig.write(yaml);
    const { engine } = await rig.load({ env });
    return engine.kind === 'tekton' ? engine.usage : null;
  };
  expect(await usageOf('engine: tekton')).toBe(true);
  expect(await usageOf('engine: tekton\ntekton: { usage: off }')).toBe(false);
  expect(await usageOf('engine: tekton\ntekton: { usage: on }')).toBe(true);
  expect(await usageOf('engine: tekton', { PENSTOCK_TEKTON_USAGE: 'off' })).toBe(false);
  await expect(usageOf('engine: tekton\ntekton: { usage: maybe }')).rejects.toThrow('must be on or off');
});
