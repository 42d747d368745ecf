import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { acquireDataLock, isDataLocked } from '../../../src/adapters/sql/data-lock.ts';
import { CodedError } from '../../../src/core/errors/catalogue.ts';
import { type Child, startChild } from './child-lines.ts';

let root = '';
let folder = '';
let children: Child[] = [];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'penstock-lock-'));
  folder = join(root, 'data');
  children = [];
});
afterEach(async () => {
  await Promise.all(children.map((child) => child.kill('SIGKILL')));
  await rm(root, { recursive: true, force: true });
});

async function startHolder(): Promise<Child> {
  const child = startChild(new URL('./lock-holder.ts', import.meta.url), [folder]);
  children.push(child);
  await child.linesReach(1);
  return child;
}

test('a second process is refused and told who holds the folder; after kill -9 of the first a third gets it', async () => {
  const first = await startHolder();
  expect(first.lines).toEqual(['locked']);
  expect(await isDataLocked(folder)).toBe(true);

  const second = await startHolder();
  expect(await second.ended).toBe(1);
  expect(second.lines).toHaveLength(1);
  expect(second.lines[0]).toMatch(
    /\/data is in use by `penstock serve` \(process \d+, since \d\d:\d\d:\d\d\)/,
  );
  expect(second.lines[0]).toContain(`(process ${first.pid}, `);
  expect(second.lines[0]).toContain('stop it, or use another --data folder.');

  await first.kill('SIGKILL');
  expect(await isDataLocked(folder)).toBe(false);
  const third = await startHolder();
  expect(third.lines).toEqual(['locked']);
});

test('within one process too the folder is held once, until it is released', async () => {
  const lock = await acquireDataLock(folder, 'penstock demo');
  const refused = acquireDataLock(folder, 'penstock serve');
  await expect(refused).rejects.toMatchObject({ code: 'data-in-use', field: 'data' });
  await expect(refused).rejects.toThrow(/by `penstock demo` \(process/);

  await lock.release();
  await lock.release();
  expect(await isDataLocked(folder)).toBe(false);
  const again = await acquireDataLock(folder, 'penstock serve');
  expect(await isDataLocked(folder)).toBe(true);
  await again.release();
});

test('looking whether the folder is held keeps nobody out', async () => {
  const lock = await acquireDataLock(folder, 'penstock serve');
  await lock.release();
  for (let round = 0; round < 20; round += 1) {
    const [held] = await Promise.all([
      acquireDataLock(folder, 'penstock serve'),
      isDataLocked(folder),
      isDataLocked(folder),
    ]);
    await held.release();
  }
  expect(await isDataLocked(folder)).toBe(false);
});

test('somebody who looks at the very moment keeps nobody out either', async () => {
  await (await acquireDataLock(folder, 'penstock serve')).release();
  const looker = new Sqlite(join(folder, 'penstock.lock'), { readonly: true });
  looker.exec('begin');
  looker.prepare('select count(*) from sqlite_master').get();
  const acquiring = acquireDataLock(folder, 'penstock serve');
  // Longer than it takes to be refused once, and far less than all the tries.
  setTimeout(() => looker.close(), 25);
  await (await acquiring).release();
});

test('a folder that is not there is not held, and asking does not make it', async () => {
  expect(await isDataLocked(folder)).toBe(false);
  await expect(stat(folder)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('what the readable file says decides nothing, whatever it says', async () => {
  const lock = await acquireDataLock(folder, 'penstock serve');
  const owner = join(folder, 'penstock.owner.json');
  expect(JSON.parse(await readFile(owner, 'utf8'))).toMatchObject({
    what: 'penstock serve',
    pid: process.pid,
  });
  await writeFile(owner, '{ "what": 3');
  await expect(acquireDataLock(folder, 'x')).rejects.toThrow(/is in use by another Penstock; stop it/);
  await lock.release();

  await writeFile(owner, JSON.stringify({ what: 'penstock serve', pid: 1, sinceMs: 1 }));
  const next = await acquireDataLock(folder, 'penstock serve');
  await next.release();
});

test('a holder of another day is named with the date', async () => {
  const lock = await acquireDataLock(folder, 'penstock serve');
  const sinceMs = new Date(2020, 1, 3, 4, 5, 6).getTime();
  await writeFile(
    join(folder, 'penstock.owner.json'),
    JSON.stringify({ what: 'penstock serve', pid: 77, sinceMs }),
  );
  await expect(acquireDataLock(folder, 'x')).rejects.toThrow('(process 77, since 2020-02-03 04:05:06)');
  await lock.release();
});

test('a data folder that cannot be made is refused in one line', async () => {
  await writeFile(join(root, 'file'), '');
  const error = await acquireDataLock(join(root, 'file', 'data'), 'penstock serve').catch((reason) => reason);
  expect(error).toBeInstanceOf(CodedError);
  expect(error).toMatchObject({ code: 'data-unwritable', field: 'data' });
  expect(error.message).not.toContain('\n');
});
