/**
 * One Penstock per data folder. The lock belongs to a living process: it is an open
 * transaction on an empty database file, that is, a lock of the kernel on the file, which
 * goes when the process does, however it does. No file left behind can refuse anybody.
 *
 * Always true: at most one holder at a time. The readable file beside the lock only says
 * who it is; nothing is decided by it, and it may be a moment out of date.
 *
 * Nothing may open or close the lock's file but SQLite: closing any other descriptor of it
 * would drop this process's lock (POSIX). Children do not inherit it.
 */
import { existsSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import { CodedError } from '../../core/errors/catalogue.ts';
import { makeFolder, openError, unwritable } from './sqlite-file.ts';

const LOCK_NAME = 'penstock.lock';
const OWNER_NAME = 'penstock.owner.json';

/** Somebody who only looks (`isDataLocked`) is in the way for a moment; so a refusal is asked for twice or more. */
const TRIES = 5;
const TRY_PACE_MS = 20;

export interface DataLock {
  /** Gives the folder free. Doing it again does nothing. */
  release(): Promise<void>;
}

interface Owner {
  readonly what: string;
  readonly pid: number;
  readonly sinceMs: number;
}

/** `what` is how the next one is told who holds it: "penstock serve". Makes the folder if it is missing. */
export async function acquireDataLock(folder: string, what: string): Promise<DataLock> {
  await makeFolder(folder);
  const database = await openLock(join(folder, LOCK_NAME), { readonly: false });
  for (let tries = 1; !tryLock(database); tries += 1) {
    if (tries === TRIES) {
      database.close();
      throw inUse(folder, await readOwner(folder));
    }
    await pause(TRY_PACE_MS);
  }
  try {
    await writeOwner(folder, { what, pid: process.pid, sinceMs: Date.now() });
  } catch (cause) {
    database.close();
    throw unwritable(folder, cause);
  }
  return { release: () => release(database, folder) };
}

/** Whether a living process holds the folder. It takes no lock that would keep anybody out. */
export async function isDataLocked(folder: string): Promise<boolean> {
  const path = join(folder, LOCK_NAME);
  if (!existsSync(path)) return false;
  const database = await openLock(path, { readonly: true });
  try {
    database.prepare('select count(*) from sqlite_master').get();
    return false;
  } catch (error) {
    if (isBusy(error)) return true;
    throw openError(path, error);
  } finally {
    database.close();
  }
}

async function openLock(path: string, options: { readonly readonly: boolean }): Promise<Database> {
  const { default: Sqlite } = await import('better-sqlite3');
  try {
    return new Sqlite(path, { ...options, timeout: 0 });
  } catch (cause) {
    throw openError(path, cause);
  }
}

function tryLock(database: Database): boolean {
  try {
    database.exec('begin exclusive');
    return true;
  } catch (cause) {
    if (isBusy(cause)) return false;
    database.close();
    throw openError(database.name, cause);
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY');
}

async function release(database: Database, folder: string): Promise<void> {
  if (!database.open) return;
  try {
    // Before the lock goes: after it the file is the next owner's.
    await rm(join(folder, OWNER_NAME), { force: true });
  } finally {
    database.close();
  }
}

async function writeOwner(folder: string, owner: Owner): Promise<void> {
  const path = join(folder, OWNER_NAME);
  const draft = `${path}.${owner.pid}`;
  await writeFile(draft, `${JSON.stringify(owner)}\n`, { mode: 0o600 });
  await rename(draft, path);
}

/** Null when it cannot be told: the owner is about to write it, or somebody removed it. */
async function readOwner(folder: string): Promise<Owner | null> {
  try {
    const owner: Partial<Owner> = JSON.parse(await readFile(join(folder, OWNER_NAME), 'utf8'));
    const { what, pid, sinceMs } = owner;
    const whole = typeof what === 'string' && Number.isInteger(pid) && Number.isFinite(sinceMs);
    return whole ? (owner as Owner) : null;
  } catch {
    return null;
  }
}

function inUse(folder: string, owner: Owner | null): CodedError {
  const who =
    owner === null
      ? 'another Penstock'
      : `\`${owner.what}\` (process ${owner.pid}, since ${clockTime(owner.sinceMs)})`;
  return new CodedError(
    'data-in-use',
    `${folder} is in use by ${who}; stop it, or use another --data folder.`,
    {
      field: 'data',
    },
  );
}

/** 14:03:12 in the time zone of this machine, with the date when it was not today. */
function clockTime(atMs: number): string {
  const at = new Date(atMs);
  const two = (value: number) => String(value).padStart(2, '0');
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  const today = at.toDateString() === new Date().toDateString();
  return today ? time : `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${time}`;
}
