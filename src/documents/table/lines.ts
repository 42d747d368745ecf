/** The lines of a file, read piece by piece, so that its size does not matter; a line's does. */
import { createReadStream } from 'node:fs';
import { CodedError } from '../../core/errors/catalogue.ts';

const LINE_MAX = 64 * 1024;

/** Without line ends; a byte order mark is dropped, and so is an empty last line. */
export async function* linesOf(path: string, lineMax = LINE_MAX): AsyncGenerator<string> {
  let rest = '';
  try {
    for await (const piece of createReadStream(path, { encoding: 'utf8' })) {
      const lines = (rest + String(piece)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) yield trimmed(line);
      if (rest.length > lineMax) throw tooLong(path, lineMax);
    }
  } catch (error) {
    throw error instanceof CodedError ? error : unreadable(path, error);
  }
  if (rest !== '') yield trimmed(rest);
}

function trimmed(line: string): string {
  return line.replace(/^\uFEFF/, '').replace(/\r$/, '');
}

function tooLong(path: string, lineMax: number): CodedError {
  const what = `${path}: a line is longer than ${lineMax} characters; a table of durations has short ones.`;
  return new CodedError('table-invalid', what, { field: 'file' });
}

function unreadable(path: string, cause: unknown): CodedError {
  const { code = 'unknown error' } = cause as NodeJS.ErrnoException;
  const options = { field: 'file', cause };
  if (code === 'ENOENT') return new CodedError('file-not-found', `${path}: there is no such file.`, options);
  const why = code === 'EISDIR' ? 'it is a folder' : code === 'EACCES' ? 'this user may not read it' : code;
  return new CodedError('file-unreadable', `${path}: cannot be read, ${why}.`, options);
}
