/**
 * One process at a time builds, and one at a time starts or ends a cluster. The lock goes
 * when its holder does, however that ends.
 */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { acquireDataLock, type DataLock } from '../../../src/adapters/sql/data-lock.ts';
import { CodedError } from '../../../src/core/errors/catalogue.ts';
import { cacheFolder } from './cache.ts';

export interface LockOptions {
  /** What is locked, as a file name: `build`, `cluster-0`. */
  readonly name: string;
  /** What the holder does, for whoever is kept out. */
  readonly what: string;
  /** Called once when somebody else holds it: wait for them by returning, or throw. */
  readonly onBusy: (holder: string) => void;
}

const LOOK_MS = 500;

export async function locked<Result>(options: LockOptions, action: () => Promise<Result>): Promise<Result> {
  const lock = await acquired(options);
  try {
    return await action();
  } finally {
    await lock.release();
  }
}

async function acquired({ name, what, onBusy }: LockOptions): Promise<DataLock> {
  const folder = join(cacheFolder(), 'locks', name);
  for (let told = false; ; told = true) {
    try {
      return await acquireDataLock(folder, what);
    } catch (error) {
      if (!(error instanceof CodedError) || error.code !== 'data-in-use') throw error;
      if (!told) onBusy(error.message.replace(/;.*/, ''));
    }
    await pause(LOOK_MS);
  }
}
