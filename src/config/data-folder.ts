/**
 * The data folder: where it is, and whether it will do. Nothing is created here.
 */
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CodedError } from '../core/errors/catalogue.ts';
import type { Config } from './config.ts';

/** Beside the configuration, or in the current folder when there is none. */
export const DEFAULT_DATA_FOLDER = '.penstock';
/** Commands reach a running `serve` through this socket in the data folder. */
const SOCKET_NAME = 'penstock.sock';
/** What fits a socket's address, without its end mark: 108 bytes on Linux, 104 on BSD and macOS. */
const SOCKET_PATH_BYTES_MAX = process.platform === 'linux' ? 107 : 103;

export function checkSocketPath(dataFolder: string, where: string): void {
  const bytes = Buffer.byteLength(join(dataFolder, SOCKET_NAME));
  if (bytes <= SOCKET_PATH_BYTES_MAX) return;
  const most = SOCKET_PATH_BYTES_MAX - Buffer.byteLength(join('/', SOCKET_NAME));
  throw new CodedError(
    'config-invalid',
    `${where}data is a path of ${Buffer.byteLength(dataFolder)} bytes; it must have at most ${most}, ` +
      'for the socket in it has a longest address; name a shorter folder with --data.',
    { field: 'data' },
  );
}

/** Before anything is created: the data folder is or can be made writable, and each project's folder is there. */
export async function checkFolders(config: Config): Promise<void> {
  await checkWritable(config.dataFolder);
  for (const { name, folder } of config.projects) {
    if (folder === null || (await isFolder(folder))) continue;
    const field = `projects.${name}.folder`;
    throw new CodedError(
      'config-invalid',
      `${field}: there is no folder ${folder}; create it or name another.`,
      {
        field,
      },
    );
  }
}

async function checkWritable(folder: string): Promise<void> {
  const existing = await nearestExisting(folder);
  if (!(await isFolder(existing))) throw unwritable(folder, `${existing} is not a folder`, null);
  try {
    await access(existing, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw unwritable(folder, `${existing} is not writable for this user`, cause);
  }
}

async function nearestExisting(path: string): Promise<string> {
  let candidate = path;
  while (candidate !== dirname(candidate) && !(await exists(candidate))) candidate = dirname(candidate);
  return candidate;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

function unwritable(folder: string, why: string, cause: unknown): CodedError {
  return new CodedError(
    'data-unwritable',
    `data: ${folder} cannot be used, ${why}; name another folder with --data.`,
    {
      field: 'data',
      cause,
    },
  );
}
