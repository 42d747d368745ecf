/** Tokens made and used on the command line. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { serverToken } from '../../src/config/server-token.ts';
import { isPenstockToken, tokenHash } from '../../src/documents/access-token.ts';
import { openWorkplace, type Workplace } from './binary.ts';

let place: Workplace;
beforeEach(async () => {
  place = await openWorkplace();
});
afterEach(() => place.dispose());

test('the lines that are printed make the token known', async () => {
  const printed: string[] = [];
  for (const [name, ...more] of [
    ['mia', '--role', 'owner', '--project', 'web/shop', '--project', '123', '--sees', 'all'],
    ['on', '--role', 'viewer', '--project', 'all'],
    ['root', '--role', 'admin'],
  ] as const) {
    const made = await place.penstock('token', 'create', '--name', name, ...more, '--out', `${name}.token`);
    expect(made.status).toBe(0);
    printed.push(made.stdout);
  }
  await place.write('penstock.yaml', `access:\n  tokens:\n${printed.join('')}`);
  const { tokens } = (await loadConfig({ cwd: place.folder, env: {} })).access;
  expect(tokens).toMatchObject([
    { name: 'mia', role: 'owner', projects: ['web/shop', '123'], sees: 'all' },
    { name: 'on', role: 'viewer', projects: 'all', sees: [] },
    { name: 'root', role: 'admin', projects: 'all', sees: [] },
  ]);
  for (const { name, sha256 } of tokens) {
    const token = readFileSync(join(place.folder, `${name}.token`), 'utf8').trim();
    expect([isPenstockToken(token), tokenHash(token)]).toEqual([true, sha256]);
    expect(statSync(join(place.folder, `${name}.token`)).mode & 0o777).toBe(0o600);
    expect(printed.join('')).not.toContain(token);
  }
});

test('a file that is there is not written over', async () => {
  const file = await place.write('a.token', 'precious');
  const args = ['token', 'create', '--name', 'a', '--role', 'admin', '--out', 'a.token', '--json'];
  const made = await place.penstock(...args);
  expect([made.status, JSON.parse(made.stdout).code]).toEqual([1, 'file-unwritable']);
  expect(readFileSync(file, 'utf8')).toBe('precious');
});

test.each([
  [['--name', 'a', '--role', 'owner'], /--project: say which projects the owner owns/],
  [['--name', 'a', '--role', 'viewer', '--project', '../x'], /--project: "\.\.\/x" must be a name/],
  [['--name', 'a\nb', '--role', 'admin'], /--name: "a b" must be a name/],
  [['--name', 'a', '--role', 'admin', '--project', 'x'], /--project: an admin has all projects/],
  [['--name', 'a', '--role', 'viewer', '--project', 'x', '--sees', 'y'], /--sees: is for owners/],
  [['--name', 'a', '--role', 'king'], /Allowed choices are viewer, owner, admin/],
])('%j is refused in one line', async (args, want) => {
  const made = await place.penstock('token', 'create', ...args);
  expect(made.status).toBe(1);
  expect(made.stderr).toMatch(want);
  expect(made.stderr.trim().split('\n')).toHaveLength(1);
});

test('the option goes before the file, the file before the variables', async () => {
  const file = await place.write('file', 'from-file\n');
  const other = await place.write('other', 'from-other-file\n');
  const env = { PENSTOCK_TOKEN: 'from-variable', PENSTOCK_TOKEN_FILE: other };
  expect(await serverToken({ token: 'from-option', tokenFile: file }, env)).toBe('from-option');
  expect(await serverToken({ tokenFile: file }, env)).toBe('from-file');
  expect(await serverToken({}, env)).toBe('from-variable');
  expect(await serverToken({}, { ...env, PENSTOCK_TOKEN: '' })).toBe('from-other-file');
  expect(await serverToken({}, {})).toBeNull();
});

test('what cannot be a token is refused without being repeated', async () => {
  for (const token of ['', 'two words', 'line\r\nX-Injected: 1', 'é']) {
    await expect(serverToken({ token }, {})).rejects.toThrow(/^--token: holds no token/);
  }
  await expect(serverToken({ tokenFile: join(place.folder, 'none') }, {})).rejects.toMatchObject({
    code: 'file-not-found',
  });
});
