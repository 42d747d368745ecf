/** The files that SQLite works on: the folder they are in, and what may be wrong with them. */
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CodedError } from '../../core/errors/catalogue.ts';

/** Readable by its owner only: it holds what runs printed, and the socket that takes orders. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await makeEach(folder);
  } catch (cause) {
    throw unwritable(folder, cause);
  }
}

/**
 * Folder by folder from the first that is missing. Node's own `recursive` never comes back
 * where a folder that is there says of every new one that it is not (/proc does).
 */
async function makeEach(folder: string): Promise<void> {
  const missing: string[] = [];
  for (let at = folder; !(await isThere(at)); at = dirname(at)) missing.push(at);
  for (const at of missing.reverse()) await mkdir(at, { mode: 0o700 }).catch(unlessThere);
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

/** Another process may have made it meanwhile. */
function unlessThere(error: unknown): void {
  if (codeOf(error) !== 'EEXIST') throw error;
}

/** What a user is told when SQLite refuses a file; any other error is given back as it is. */
export function openError(path: string, cause: unknown): unknown {
  const code = codeOf(cause);
  if (code.startsWith('SQLITE_NOTADB') || code.startsWith('SQLITE_CORRUPT')) {
    return new CodedError(
      'data-damaged',
      `${path} is not a database, or is damaged; put a copy of it back, or use another --data folder.`,
      { cause },
    );
  }
  return /^SQLITE_(CANTOPEN|READONLY|PERM|IOERR|FULL)/.test(code) ? unwritable(path, cause) : cause;
}

export function unwritable(path: string, cause: unknown): CodedError {
  return new CodedError(
    'data-unwritable',
    `${path} cannot be written (${codeOf(cause)}); make it writable for this user, or use another --data folder.`,
    { field: 'data', cause },
  );
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : 'no code';
}
