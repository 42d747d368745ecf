/** Reads the files that commands are given by `-f`: checked before anything is asked of anybody. */
import { readFile, stat } from 'node:fs/promises';
import { readRunFile } from '../compose.ts';
import { CodedError } from '../core/errors/catalogue.ts';

/** As much as one request may carry. */
const FILE_BYTES_MAX = 512 * 1024;
const ALIASES_MAX = 100;

export async function readPipeline(path: string): Promise<ReturnType<typeof readRunFile>> {
  return readRunFile(await readText(path), path);
}

/** The documents of a file, each whatever it is; empty ones left out. */
export async function readDocuments(path: string): Promise<readonly unknown[]> {
  const { parseAllDocuments } = await import('yaml');
  const text = await readText(path);
  try {
    const documents = parseAllDocuments(text, { prettyErrors: true, logLevel: 'error' });
    return [...documents].flatMap((document) => {
      const [mistake] = document.errors;
      if (mistake !== undefined) throw mistake;
      return document.toJS({ maxAliasCount: ALIASES_MAX }) ?? [];
    });
  } catch (cause) {
    const [first = ''] = (cause instanceof Error ? cause.message : String(cause)).split('\n');
    const options = { field: 'file', cause };
    throw new CodedError('yaml-invalid', `${path}: ${first.replace(/[:.]$/, '')}.`, options);
  }
}

async function readText(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size <= FILE_BYTES_MAX) return await readFile(path, 'utf8');
  } catch (error) {
    throw unreadable(path, (error as NodeJS.ErrnoException).code ?? 'unknown error', error);
  }
  throw new CodedError('file-unreadable', `${path}: a pipeline may have at most ${FILE_BYTES_MAX} bytes.`, {
    field: 'file',
  });
}

function unreadable(path: string, code: string, cause: unknown): CodedError {
  const options = { field: 'file', cause };
  if (code === 'ENOENT') return new CodedError('file-not-found', `${path}: there is no such file.`, options);
  const why = code === 'EISDIR' ? 'it is a folder' : code === 'EACCES' ? 'this user may not read it' : code;
  return new CodedError('file-unreadable', `${path}: cannot be read, ${why}.`, options);
}
