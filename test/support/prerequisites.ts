/**
 * What a test needs beyond Node: a C compiler, a Debian package, a minute of time.
 *
 * `npm test` skips such a test when the thing is missing and says why. `npm run test:all`
 * has installed everything, so there a missing thing is a failure: no part of the suite
 * can stay switched off unnoticed.
 */
import { spawnSync } from 'node:child_process';
import type { TestContext } from 'vitest';

export interface Prerequisite {
  readonly name: string;
  /** How to get it, for the reader of the skip. */
  readonly remedy: string;
  readonly present: () => boolean;
}

const everythingExpected = process.env.PENSTOCK_TEST_ALL === '1';

export const C_COMPILER: Prerequisite = {
  name: 'a C compiler (cc)',
  remedy: 'npm run test:all installs it',
  present: () => runs('cc', ['--version']),
};

export const SIMPY: Prerequisite = {
  name: 'SimPy for the system Python',
  remedy: 'npm run test:all installs it',
  present: () => runs('/usr/bin/python3', ['-c', 'import SimPy.Simulation']),
};

/** For tests that take long or fetch packages: only where everything is wanted. */
export const PATIENCE: Prerequisite = {
  name: 'some minutes and a package registry',
  remedy: 'npm run test:all has both',
  present: () => everythingExpected || process.env.PENSTOCK_TEST_SLOW === '1',
};

/** Goes on when `wanted` is there; else skips with the reason, or fails where everything is expected. */
export function requires(context: TestContext, wanted: Prerequisite): void {
  if (wanted.present()) return;
  const reason = `needs ${wanted.name}; ${wanted.remedy}`;
  if (everythingExpected) throw new Error(reason);
  context.skip(reason);
}

function runs(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}
