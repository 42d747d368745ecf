/**
 * Every mistake one can make in the configuration: one line, a stable code, the path of the
 * key, where it stands, and what is allowed.
 */
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ConfigFlags } from '../../src/config/config.ts';
import { checkFolders } from '../../src/config/data-folder.ts';
import { configRig } from './config-rig.ts';
import { WRONG_FILES } from './wrong-files.ts';

const rig = configRig();

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
      '--host: http.host is "192.168.1.1"; it must be a loopback address (127.0.0.1, ::1 or localhost): whoever reaches the API can read everything, as long as there are no access.tokens.',
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

const WRONG_FOLDERS: readonly (readonly [yaml: string, code: string, field: string, message: RegExp])[] = [
  ['data: file', 'data-unwritable', 'data', /file is not a folder; name another folder with --data\.$/],
  ['data: file/below', 'data-unwritable', 'data', /file is not a folder; name another folder with --data\.$/],
  [
    'projects: { p: { tenant: t, folder: gone } }',
    'config-invalid',
    'projects.p.folder',
    /^projects\.p\.folder: there is no folder \/.*\/gone; create it or name another\.$/,
  ],
  [
    'projects: { p: { tenant: t, folder: file } }',
    'config-invalid',
    'projects.p.folder',
    /there is no folder/,
  ],
];

test.each(WRONG_FOLDERS)('a folder that will not do is told: %s', async (yaml, code, field, message) => {
  await writeFile(join(rig.folder, 'file'), '');
  await rig.write(yaml);
  const checked = checkFolders(await rig.load());
  await expect(checked).rejects.toMatchObject({ code, field });
  await expect(checked).rejects.toThrow(message);
});

test('folders that are there or can be made will do, and nothing is made yet', async () => {
  await rig.write('data: new/below\nprojects: { p: { tenant: t, folder: . } }');
  await checkFolders(await rig.load());
  await expect(stat(join(rig.folder, 'new'))).rejects.toMatchObject({ code: 'ENOENT' });
});
