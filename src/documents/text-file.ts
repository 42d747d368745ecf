/**
 * Reads a text file that somebody named, bounded in size.
 *
 * Always true: what is too large, no file or no text is not read but refused, in one line that
 * begins with `label`.
 */
import { readFile, stat } from 'node:fs/promises';
import { CodedError } from '../core/errors/catalogue.ts';
import { TEXT_BYTES_MAX } from './yaml/read-yaml.ts';

/** `remedy` is what to do when there is no such file. @throws CodedError */
export async function readTextFile(
  path: string,
  label: string,
  remedy: string,
  bytesMax = TEXT_BYTES_MAX,
): Promise<string> {
  const bytes = await readBytes(path, label, remedy, bytesMax);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new CodedError('yaml-invalid', `${label}: is not UTF-8 text; save it as UTF-8.`, { cause });
  }
}

async function readBytes(path: string, label: string, remedy: string, bytesMax: number): Promise<Buffer> {
  try {
    const found = await stat(path);
    if (!found.isFile()) throw new CodedError('file-unreadable', `${label}: is not a file; ${remedy}.`);
    if (found.size > bytesMax) {
      const message = `${label}: has ${found.size} bytes; ${bytesMax} (${bytesMax / 1_048_576} MiB) are allowed.`;
      throw new CodedError('file-unreadable', message);
    }
    return await readFile(path);
  } catch (cause) {
    if (cause instanceof CodedError) throw cause;
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new CodedError('file-not-found', `${label}: there is no such file; ${remedy}.`, { cause });
    }
    throw new CodedError('file-unreadable', `${label}: cannot be read (${code}).`, { cause });
  }
}
