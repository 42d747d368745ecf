/**
 * Writes into package-lock.json what the package manager left out: binaries for other
 * platforms that the registry in use does not carry.
 *
 * Tools with native parts list one optional package for each platform. Behind a registry
 * that has only some of them, `npm install` drops the others from the lock file without a
 * word, and `npm ci` then refuses that very lock file. Their names, exact versions and
 * platforms follow from what is locked; only their hashes do not, so those stay away.
 *
 * Run it after every change of dependencies: `node scripts/complete-lock.ts`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface Locked {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const SYSTEMS = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32'];
const PROCESSORS = ['arm64', 'arm', 'ia32', 'ppc64', 'riscv64', 's390x', 'x64'];

const path = join(import.meta.dirname, '..', 'package-lock.json');
const lock: { packages: Record<string, Locked> } = JSON.parse(readFileSync(path, 'utf8'));

function missingOf([parentPath, parent]: readonly [string, Locked]): readonly [string, Locked][] {
  return Object.entries(parent.optionalDependencies ?? {})
    .filter(([name]) => !(`node_modules/${name}` in lock.packages))
    .filter(([name]) => !(`${parentPath}/node_modules/${name}` in lock.packages))
    .map(([name, version]) => [`node_modules/${name}`, entryOf(name, version, parent)]);
}

function entryOf(name: string, version: string, parent: Locked): Locked {
  const words = name.split(/[/-]/);
  const [system] = SYSTEMS.filter((candidate) => words.includes(candidate));
  const [processor] = PROCESSORS.filter((candidate) => words.includes(candidate));
  if (system === undefined || processor === undefined || !/^\d+\.\d+\.\d+$/.test(version)) {
    throw new Error(`${name} ${version} is no binary for one platform in one version; lock it by hand`);
  }
  const libc = system === 'linux' ? [words.some((word) => word.startsWith('musl')) ? 'musl' : 'glibc'] : null;
  return {
    version,
    cpu: [processor],
    ...(parent.dev === true ? { dev: true } : {}),
    ...(libc === null ? {} : { libc }),
    optional: true,
    os: [system],
  } as Locked;
}

const missing = Object.entries(lock.packages).flatMap(missingOf);
const [root, ...others] = [...Object.entries(lock.packages), ...missing];
const sorted = others.toSorted(([a], [b]) => (a < b ? -1 : 1));
lock.packages = Object.fromEntries(root === undefined ? sorted : [root, ...sorted]);
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(`package-lock.json: ${missing.length} packages for other platforms added\n`);
