/**
 * Every mistake one can make in the configuration: one line, a stable code, the path of the
 * key, where it stands, and what is allowed.
 */
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ConfigFlags } from '../../src/config/config.ts';
import { checkFolders } from '../../src/config/data-folder.ts';
import { CodedError } from '../../src/core/errors/catalogue.ts';
import { configRig } from './config-rig.ts';

const rig = configRig();

/** The file, the line and key that are wrong, and the message from the key on. */
const WRONG_FILES: readonly (readonly [file: string, line: number, field: string, message: string])[] = [
  ['datta: x', 1, 'datta', 'datta is not a key that Penstock knows; did you mean "data"?'],
  [
    '\nsomething: 1',
    2,
    'something',
    'something is not a key that Penstock knows; known keys are data, mode, paused, log, http, pools, priorities, tenants, projects, admission.',
  ],
  [
    'log:\n  levle: info',
    2,
    'log.levle',
    'log.levle is not a key that Penstock knows; did you mean "level"?',
  ],
  ['http: { prot: 1 }', 1, 'http.prot', 'http.prot is not a key that Penstock knows; did you mean "port"?'],
  [
    'pools:\n  a:\n    size: 1\n    pause: true',
    4,
    'pools.a.pause',
    'pools.a.pause is not a key that Penstock knows; did you mean "paused"?',
  ],
  [
    'priorities:\n  - name: a\n    patience: 1m\n    rank: 1',
    4,
    'priorities[0].rank',
    'priorities[0].rank is not a key that Penstock knows; known keys are name, patience.',
  ],
  [
    'tenants:\n  a: { wieght: 2 }',
    2,
    'tenants.a.wieght',
    'tenants.a.wieght is not a key that Penstock knows; did you mean "weight"?',
  ],
  [
    'projects: { p: { tenant: a, dir: x } }',
    1,
    'projects.p.dir',
    'projects.p.dir is not a key that Penstock knows; known keys are tenant, folder.',
  ],
  [
    'admission: { maxGrant: 1 }',
    1,
    'admission.maxGrant',
    'admission.maxGrant is not a key that Penstock knows; did you mean "maxGrants"?',
  ],
  [
    'admission:\n  firstEstimate: { p95: 1m }',
    2,
    'admission.firstEstimate.p95',
    'admission.firstEstimate.p95 is not a key that Penstock knows; did you mean "p90"?',
  ],

  [
    '- a\n- b',
    1,
    '',
    'the configuration is a list; it must be a mapping with the keys data, mode, paused, log, http, pools, priorities, tenants, projects, admission.',
  ],
  [
    'just text',
    1,
    '',
    'the configuration is "just text"; it must be a mapping with the keys data, mode, paused, log, http, pools, priorities, tenants, projects, admission.',
  ],
  ['data: 7', 1, 'data', 'data is 7; it must be the path of a folder.'],
  ['data: ""', 1, 'data', 'data is ""; it must be the path of a folder.'],
  [
    'mode: enforced',
    1,
    'mode',
    'mode is "enforced"; it must be one of enforce, shadow; did you mean "enforce"?',
  ],
  ['paused: yes', 1, 'paused', 'paused is "yes"; it must be true or false.'],
  ['log: debug', 1, 'log', 'log is "debug"; it must be a mapping with the keys level.'],
  [
    'log: { level: inof }',
    1,
    'log.level',
    'log.level is "inof"; it must be one of debug, info, warn, error, silent; did you mean "info"?',
  ],
  [
    'log:\n  level:',
    2,
    'log.level',
    'log.level is empty; it must be one of debug, info, warn, error, silent.',
  ],
  ['http: 8080', 1, 'http', 'http is 8080; it must be a mapping with the keys host, port.'],
  [
    'http:\n  port: 70000',
    2,
    'http.port',
    'http.port is 70000; it must be a port from 0 to 65535 (0 takes any free one), or off.',
  ],
  [
    'http: { port: "80" }',
    1,
    'http.port',
    'http.port is "80"; it must be a port from 0 to 65535 (0 takes any free one), or off.',
  ],
  [
    'http:\n  host: 0.0.0.0',
    2,
    'http.host',
    'http.host is "0.0.0.0"; it must be a loopback address (127.0.0.1, ::1 or localhost): whoever reaches the API can read everything, and there are no tokens yet.',
  ],
  [
    'http: { host: 127.0.0.1.example.org }',
    1,
    'http.host',
    'http.host is "127.0.0.1.example.org"; it must be a loopback address (127.0.0.1, ::1 or localhost): whoever reaches the API can read everything, and there are no tokens yet.',
  ],

  ['pools: [runs]', 1, 'pools', 'pools is a list; it must be a mapping from names to settings.'],
  [
    'pools:\n  runs: 20',
    2,
    'pools.runs',
    'pools.runs is 20; it must be a mapping with the keys size, paused.',
  ],
  [
    'pools:\n  runs: {}',
    2,
    'pools.runs.size',
    'pools.runs.size is missing; it must be a whole number from 0 to 1000000.',
  ],
  [
    'pools:\n  runs:\n    size: -3',
    3,
    'pools.runs.size',
    'pools.runs.size is -3; it must be a whole number from 0 to 1000000.',
  ],
  [
    'pools: { runs: { size: 2.5 } }',
    1,
    'pools.runs.size',
    'pools.runs.size is 2.5; it must be a whole number from 0 to 1000000.',
  ],
  [
    'pools: { runs: { size: many } }',
    1,
    'pools.runs.size',
    'pools.runs.size is "many"; it must be a whole number from 0 to 1000000.',
  ],
  [
    'pools: { runs: { size: .nan } }',
    1,
    'pools.runs.size',
    'pools.runs.size is NaN; it must be a whole number from 0 to 1000000.',
  ],
  [
    'pools: { runs: { size: .inf } }',
    1,
    'pools.runs.size',
    'pools.runs.size is Infinity; it must be a whole number from 0 to 1000000.',
  ],
  [
    'pools: { runs: { size: 1e9 } }',
    1,
    'pools.runs.size',
    'pools.runs.size is 1000000000; it must be a whole number from 0 to 1000000.',
  ],
  [
    'pools: { "-x": { size: 1 } }',
    1,
    'pools.-x',
    'pools.-x is a mapping; it must be a name of at most 200 letters, digits, ".", "_", "-" and "/" that begins and ends with a letter or digit.',
  ],
  [
    'pools:\n  linux/arm64: { size: 1 }\n  linux-arm64: { size: 1 }',
    3,
    'pools.linux-arm64',
    'pools.linux-arm64 is too like "linux/arm64": where "/" is written as "-" they are the same.',
  ],

  [
    'priorities: {}',
    1,
    'priorities',
    'priorities is a mapping; it must be a list of { name, patience }, the highest first.',
  ],
  ['priorities: []', 1, 'priorities', 'priorities is a list; it must have at least one entry.'],
  [
    'priorities:\n  - { name: a, patience: 1m }\n  - { name: a, patience: 2m }',
    3,
    'priorities[1].name',
    'priorities[1].name is "a"; it must be a name no other priority has.',
  ],
  [
    'priorities: [{ name: a, patience: 30 }]',
    1,
    'priorities[0].patience',
    'priorities[0].patience is 30; it must be a length of time such as "90s", "5m" or "1h30m" up to 365d, or "never" (write 30s if you mean seconds).',
  ],
  [
    'priorities: [{ name: a }]',
    1,
    'priorities[0].patience',
    'priorities[0].patience is missing; it must be a length of time such as "90s", "5m" or "1h30m" up to 365d, or "never".',
  ],
  [
    'admission: { relist: 5 }',
    1,
    'admission.relist',
    'admission.relist is 5; it must be a length of time such as "90s", "5m" or "1h30m", from 50ms to 10m (write 5s if you mean seconds).',
  ],
  [
    'admission: { startDeadline: 1h }',
    1,
    'admission.startDeadline',
    'admission.startDeadline is "1h"; it must be a length of time such as "90s", "5m" or "1h30m", from 100ms to 10m.',
  ],
  [
    'admission: { retryMin: 2m }',
    1,
    'admission.retryMin',
    'admission.retryMin is "2m"; it must be at most admission.retryMax.',
  ],
  [
    'admission: { firstEstimate: { p50: 1h } }',
    1,
    'admission.firstEstimate.p50',
    'admission.firstEstimate.p50 is "1h"; it must be at most admission.firstEstimate.p90.',
  ],
  [
    'admission: { startConcurrency: 0 }',
    1,
    'admission.startConcurrency',
    'admission.startConcurrency is 0; it must be a whole number from 1 to 256.',
  ],

  [
    'tenants: { a: { weight: 0 } }',
    1,
    'tenants.a.weight',
    'tenants.a.weight is 0; it must be a number over 0 and up to 1000000.',
  ],
  [
    'tenants: { a: { caps: { runs: -1 } } }',
    1,
    'tenants.a.caps.runs',
    'tenants.a.caps.runs is -1; it must be a whole number from 0 to 1000000.',
  ],
  [
    'pools: { linux/arm64: { size: 2 } }\ntenants:\n  a:\n    caps:\n      linux/amr64: 1',
    5,
    'tenants.a.caps.linux/amr64',
    'tenants.a.caps.linux/amr64 is a cap for a pool that is not configured; did you mean "linux/arm64"?',
  ],
  [
    'tenants: { a: { caps: { gpu: 1 } } }',
    1,
    'tenants.a.caps.gpu',
    'tenants.a.caps.gpu is a cap for a pool that is not configured; known pools are runs.',
  ],
  [
    'projects: { p: {} }',
    1,
    'projects.p.tenant',
    'projects.p.tenant is missing; it must be a name of at most 200 letters, digits, ".", "_", "-" and "/" that begins and ends with a letter or digit.',
  ],
  [
    'projects: { p: { tenant: "a\\nb" } }',
    1,
    'projects.p.tenant',
    'projects.p.tenant is "a\\nb"; it must be a name of at most 200 letters, digits, ".", "_", "-" and "/" that begins and ends with a letter or digit.',
  ],
  [
    '"a\\nb\\u2028c": 1',
    1,
    'a b c',
    'a b c is not a key that Penstock knows; known keys are data, mode, paused, log, http, pools, priorities, tenants, projects, admission.',
  ],
];

test.each(WRONG_FILES)('%j', async (file, line, field, message) => {
  await rig.write(file);
  const error = await rig.refusal();
  expect(error.message).toBe(`penstock.yaml:${line}: ${message}`);
  expect(error).toMatchObject({ code: 'config-invalid', field: field === '' ? null : field });
});

test('of several mistakes the first in the file is told, and how many there are', async () => {
  await rig.write('tenants: { a: { weight: -1 } }\nmode: x\npools: { runs: { size: -1 } }\n');
  const { message } = await rig.refusal();
  expect(message).toBe(
    'penstock.yaml:1: tenants.a.weight is -1; it must be a number over 0 and up to 1000000. (2 more to mend after this one)',
  );
});

const BAD_YAML: readonly (readonly [what: string, text: string | Buffer, message: RegExp])[] = [
  ['an open bracket', 'pools: [1, 2\n', /^penstock\.yaml:\d+:\d+: /],
  ['a tab for indentation', 'pools:\n\truns: 1\n', /^penstock\.yaml:2:\d+: /],
  ['a key given twice', 'mode: shadow\nmode: enforce\n', /^penstock\.yaml:2:1: Map keys must be unique\.$/],
  ['two documents', 'mode: shadow\n---\nmode: shadow\n', /^penstock\.yaml:2:\d+: /],
  ['a tag of a language', 'mode: !!js/function "x"\n', /^penstock\.yaml:1:\d+: Unresolved tag/],
  [
    'a key that is dangerous to keep',
    'pools:\n  __proto__: { size: 1 }\n',
    /^penstock\.yaml:2:3: __proto__ cannot be a key\.$/,
  ],
  ['an alias to nothing', 'data: *nothing\n', /^penstock\.yaml(:\d+:\d+)?: Unresolved alias/],
  ['an alias bomb', aliasBomb(), /^penstock\.yaml: Excessive alias count/],
  ['very deep nesting', `pools: ${'['.repeat(200_000)}`, /^penstock\.yaml(:\d+:\d+)?: /],
  [
    'bytes that are no text',
    Buffer.from([0x6d, 0xff, 0xfe, 0x00]),
    /^penstock\.yaml: is not UTF-8 text; save it as UTF-8\.$/,
  ],
];

function aliasBomb(): string {
  const levels = ['a: &a [x, x, x, x, x, x, x, x, x]'];
  for (const [before, name] of ['ab', 'bc', 'cd', 'de', 'ef', 'fg', 'gh', 'hi'].map((pair) => [...pair])) {
    levels.push(`${name}: &${name} [${Array(9).fill(`*${before}`).join(', ')}]`);
  }
  return levels.join('\n');
}

test.each(BAD_YAML)('YAML: %s', async (_, text, message) => {
  await rig.write(text);
  const error = await rig.refusal();
  expect(error.code).toBe('yaml-invalid');
  expect(error.message).toMatch(message);
  expect(error.message.split('\n')).toHaveLength(1);
});

test('a named file that is not there, a folder, and one over 1 MiB are refused', async () => {
  expect(await rig.refusal({ file: 'nowhere.yaml' })).toMatchObject({
    code: 'file-not-found',
    message: 'nowhere.yaml: there is no such file; check --config.',
  });
  expect(await rig.refusal({ env: { PENSTOCK_CONFIG: 'nowhere.yaml' } })).toMatchObject({
    code: 'file-not-found',
  });
  await mkdir(join(rig.folder, 'folder'));
  expect(await rig.refusal({ file: 'folder' })).toMatchObject({ code: 'file-unreadable' });
  await rig.write(`# ${'x'.repeat(1_048_576)}\n`);
  expect(await rig.refusal()).toMatchObject({
    code: 'config-invalid',
    message: 'penstock.yaml: has 1048579 bytes; a configuration may have 1048576.',
  });
});

test('a file that has no end is not read', async () => {
  await symlink('/dev/zero', join(rig.folder, 'penstock.yaml'));
  expect(await rig.refusal()).toMatchObject({ code: 'file-unreadable' });
});

const WRONG_OVERRIDES: readonly (readonly [Readonly<Record<string, string>>, ConfigFlags, string, string])[] =
  [
    [
      { PENSTOCK_HTTP_PORT: 'abc' },
      {},
      'http.port',
      'PENSTOCK_HTTP_PORT: http.port is "abc"; it must be a port from 0 to 65535 (0 takes any free one), or off.',
    ],
    [
      { PENSTOCK_HTP_PORT: '80' },
      {},
      'PENSTOCK_HTP_PORT',
      'PENSTOCK_HTP_PORT: is not a variable that Penstock knows; did you mean PENSTOCK_HTTP_PORT?',
    ],
    [{ PENSTOCK_PAUSED: '1' }, {}, 'paused', 'PENSTOCK_PAUSED: paused is 1; it must be true or false.'],
    [
      { PENSTOCK_ADMISSION_RELIST: '5' },
      {},
      'admission.relist',
      'PENSTOCK_ADMISSION_RELIST: admission.relist is 5; it must be a length of time such as "90s", "5m" or "1h30m", from 50ms to 10m (write 5s if you mean seconds).',
    ],
    [
      { PENSTOCK_HTTP_HOST: '127.0.0.1' },
      { host: '192.168.1.1' },
      'http.host',
      '--host: http.host is "192.168.1.1"; it must be a loopback address (127.0.0.1, ::1 or localhost): whoever reaches the API can read everything, and there are no tokens yet.',
    ],
    [
      {},
      { slots: '-1' },
      'pools.runs.size',
      '--slots: pools.runs.size is -1; it must be a whole number from 0 to 1000000.',
    ],
    [
      {},
      { logLevel: 'loud' },
      'log.level',
      '--log-level: log.level is "loud"; it must be one of debug, info, warn, error, silent.',
    ],
    [{}, { mode: 'shade' }, 'mode', '--mode: mode is "shade"; it must be one of enforce, shadow.'],
    [{}, { data: '' }, 'data', '--data: data is ""; it must be the path of a folder.'],
  ];

test.each(WRONG_OVERRIDES)('variables %j and flags %j', async (env, flags, field, message) => {
  await rig.write('http: { port: 1234 }\n');
  const error = await rig.refusal({ env, flags });
  expect(error.message).toBe(message);
  expect(error).toMatchObject({ code: 'config-invalid', field });
});

test('a variable nobody knows, and like none, is answered with the list of them', async () => {
  const { message } = await rig.refusal({ env: { PENSTOCK_COLOR_OF_THE_SKY: 'blue' } });
  expect(message).toMatch(/^PENSTOCK_COLOR_OF_THE_SKY: .* known are PENSTOCK_CONFIG, PENSTOCK_DATA, /);
});

test('a data folder whose socket would have too long an address is refused with the length that fits', async () => {
  const error = await rig.refusal({ flags: { data: `/tmp/${'x'.repeat(100)}` } });
  expect(error).toMatchObject({ code: 'config-invalid', field: 'data' });
  expect(error.message).toMatch(
    /^data is a path of 105 bytes; it must have at most \d+, for the socket .*--data\.$/,
  );
  await rig.load({ flags: { data: `/tmp/${'x'.repeat(80)}` } });
});

test('folders that will not do are told before anything is created', async () => {
  await writeFile(join(rig.folder, 'file'), '');
  const check = async (yaml: string) => {
    await rig.write(yaml);
    return checkFolders(await rig.load()).catch((error: unknown) => error);
  };
  const refusals: readonly (readonly [string, string, string])[] = [
    ['data: file', 'data-unwritable', 'data'],
    ['data: file/below', 'data-unwritable', 'data'],
    ['projects: { p: { tenant: t, folder: gone } }', 'config-invalid', 'projects.p.folder'],
    ['projects: { p: { tenant: t, folder: file } }', 'config-invalid', 'projects.p.folder'],
  ];
  for (const [yaml, code, field] of refusals) {
    const error = await check(yaml);
    expect(error, yaml).toBeInstanceOf(CodedError);
    expect(error, yaml).toMatchObject({ code, field });
    expect(String(error), yaml).not.toContain('\n');
    if (code === 'data-unwritable')
      expect(String(error), yaml).toContain('file is not a folder; name another');
  }
  expect(await check('data: new/below\nprojects: { p: { tenant: t, folder: . } }')).toBeUndefined();
});
