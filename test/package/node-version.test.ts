/**
 * A Node.js that is too old: told in one line what to do, before anything else happens, in
 * every way in. The old Node is pretended here, so that the test runs everywhere.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PRETENDED_OLD_NODE } from '../support/old-node.ts';

const root = join(import.meta.dirname, '..', '..');
function underOldNode(script: string, ...args: readonly string[]) {
  const [node, ...nodeArgs] = PRETENDED_OLD_NODE;
  return spawnSync(node, [...nodeArgs, join(root, script), ...args], { encoding: 'utf8' });
}

test.each([
  ['bin/check-node.js'],
  ['bin/penstock.js', 'demo'],
  ['bin/penstock.js', 'queue', '--json'],
  ['bin/penstock.js', 'queue', '--help'],
])('%s %s under an old Node says in one line what to do, and fails', (script, ...args) => {
  const { status, stdout, stderr } = underOldNode(script, ...args);

  expect(status).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^Penstock needs Node\.js 24 or newer and this is v[\d.]+: run "npm ci".*\n$/);
});

test('--version answers even under an old Node', () => {
  const { status, stdout, stderr } = underOldNode('bin/penstock.js', '--version');

  expect(status).toBe(0);
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(stderr).toContain('Penstock needs Node.js 24');
});

test('start and test check the version themselves, since pre-scripts can be switched off', () => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

  expect(manifest.scripts.test).toMatch(/^node bin\/check-node\.js && /);
  expect(manifest.scripts.start).toMatch(/^node bin\/penstock\.js /);
  expect(Object.keys(manifest.scripts).filter((name) => /^pre(start|test)$/.test(name))).toEqual([]);
});
