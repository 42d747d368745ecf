/**
 * Traps of the package manager, each held by a test: what the lock file says is what every
 * machine gets, so what must be true of the dependencies is checked there.
 */
import { expect, test } from 'vitest';
import { repositoryText } from './source-files.ts';

interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly hasInstallScript?: boolean;
  readonly optional?: boolean;
  readonly integrity?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const lock: { readonly packages: Readonly<Record<string, Locked>> } = JSON.parse(
  repositoryText('package-lock.json'),
);
const manifest: {
  readonly engines: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly allowScripts: Readonly<Record<string, boolean>>;
} = JSON.parse(repositoryText('package.json'));

/**
 * Lowest versions that will do. Under an older Node the package manager silently takes an
 * older release for a name without a range; a minor release too old is no error of its own.
 */
const LOWEST: Readonly<Record<string, string>> = {
  '@biomejs/biome': '2.6.8',
  '@fastify/swagger': '9.9.3',
  'better-sqlite3': '13.2.0',
  commander: '15.1.0',
  'fast-check': '4.10.2',
  fastify: '5.12.8',
  'fastify-type-provider-zod': '7.0.0',
  knip: '6.44.2',
  kysely: '0.29.9',
  node: '24.0.0',
  oxlint: '1.94.0',
  pino: '10.4.0',
  'prom-client': '15.1.3',
  'temporal-polyfill': '1.0.8',
  typescript: '7.0.2',
  vitest: '5.1.1',
  yaml: '2.9.1',
  zod: '4.6.7',
};

function parts(version: string): readonly number[] {
  return version.split('.').map((part) => Number.parseInt(part, 10));
}

function isBelow(version: string, lowest: string): boolean {
  const wanted = parts(lowest);
  const index = parts(version).findIndex((part, at) => part !== wanted[at]);
  return index !== -1 && (parts(version)[index] ?? 0) < (wanted[index] ?? 0);
}

function lockedVersion(name: string): string {
  return lock.packages[`node_modules/${name}`]?.version ?? 'not locked';
}

test('the comparison of versions finds a planted old one', () => {
  expect(isBelow('0.28.18', '0.29.9')).toBe(true);
  expect(isBelow('12.11.1', '13.2.0')).toBe(true);
  expect(isBelow('13.2.0', '13.2.0')).toBe(false);
  expect(isBelow('13.10.0', '13.2.0')).toBe(false);
});

test.each(Object.entries(LOWEST))('%s is locked at %s or newer', (name, lowest) => {
  const version = lockedVersion(name);
  expect(version).toMatch(/^\d+\.\d+\.\d+/);
  expect(isBelow(version, lowest)).toBe(false);
});

test('Node and its types are both on major 24, so that code needing a newer one does not type-check', () => {
  expect(manifest.devDependencies.node).toBe('^24');
  expect(manifest.devDependencies['@types/node']).toBe('^24');
  expect(parts(lockedVersion('node'))[0]).toBe(24);
  expect(parts(lockedVersion('@types/node'))[0]).toBe(24);
  expect(manifest.engines.node).toBe('>=24');
});

test('every dependency with an install script is allowed or refused by name, and Node may run its own', () => {
  const scripted = Object.entries(lock.packages)
    .filter(([, locked]) => locked.hasInstallScript === true && locked.optional !== true)
    .map(([path]) => path.replace(/^.*node_modules\//, ''));
  expect(scripted.length).toBeGreaterThan(0);
  expect(scripted.filter((name) => !(name in manifest.allowScripts))).toEqual([]);
  expect(manifest.allowScripts.node).toBe(true);
});

test('the lock file names no registry, so that every machine uses its own', () => {
  const located = Object.entries(lock.packages).filter(([, { resolved }]) => resolved !== undefined);
  expect(Object.keys(lock.packages).length).toBeGreaterThan(50);
  expect(located).toEqual([]);
});

test('every platform is in the lock file, also where the registry in use lacks its binaries; else npm ci refuses it', () => {
  const wanted = Object.values(lock.packages).flatMap((locked) =>
    Object.keys(locked.optionalDependencies ?? {}),
  );
  const missing = wanted.filter((name) => !(`node_modules/${name}` in lock.packages));
  expect(wanted.length).toBeGreaterThan(20);
  expect(missing, 'run "node scripts/complete-lock.ts"').toEqual([]);
});

test('whatever is installed everywhere is locked with its hash', () => {
  const everywhere = Object.entries(lock.packages).filter(([path, { optional }]) => path !== '' && !optional);
  expect(everywhere.filter(([, { integrity }]) => integrity === undefined)).toEqual([]);
});

test('the direct runtime dependencies stay few', () => {
  expect(Object.keys(manifest.dependencies).length).toBeLessThanOrEqual(15);
});
