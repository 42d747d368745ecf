/**
 * Writing and moving files so that a kill at any instant leaves either the old state or
 * the new one, and so that of several contenders exactly one wins.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';

/** Whether it was this call that moved it: false when it is no longer there. */
export function moved(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

export type Durability =
  /** On disk before it returns: a power cut leaves it whole. */
  | 'through-power-cut'
  /** A kill leaves it whole; the system writes it to disk in its own time. */
  | 'through-kill';

export function writeWhole(path: string, text: string, durability: Durability): void {
  const file = openSync(path, 'w', 0o600);
  try {
    let rest = Buffer.from(text);
    while (rest.length > 0) rest = rest.subarray(writeSync(file, rest));
    if (durability === 'through-power-cut') fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Appears whole or not at all; the first to write stays, whoever writes later. */
export function writeOnce(path: string, text: string, durability: Durability): void {
  if (existsSync(path)) return;
  const own = `${path}.${process.pid}.new`;
  try {
    writeWhole(own, text, durability);
    linkSync(own, path);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  } finally {
    rmSync(own, { force: true });
  }
}

/** Null when there is no such file. */
export function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

export function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT';
}

export function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}
