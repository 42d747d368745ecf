/**
 * The two ways in: a socket in the data folder, for its owner alone, and a TCP port on
 * loopback. Whoever calls this holds the data lock; so a socket file that is there already
 * belongs to a dead process and may be replaced.
 */
import { chmod, rm } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { CodedError } from '../core/errors/catalogue.ts';
import type { Api } from './server.ts';

const SOCKET_NAME = 'penstock.sock';
/** What the smallest of the systems allows (macOS: 104 with the closing zero). */
const SOCKET_PATH_BYTES_MAX = 103;
const LOOPBACK = '127.0.0.1';

/** Seen from here, where that is shorter: systems allow only short paths for sockets. */
export function socketPathOf(dataFolder: string): string {
  const path = resolve(dataFolder, SOCKET_NAME);
  const fromHere = relative(process.cwd(), path);
  return Buffer.byteLength(path) > SOCKET_PATH_BYTES_MAX && fromHere.length < path.length ? fromHere : path;
}

export async function listenOnSocket(app: Api, dataFolder: string): Promise<string> {
  const path = socketPathOf(dataFolder);
  if (Buffer.byteLength(path) > SOCKET_PATH_BYTES_MAX) {
    throw new CodedError(
      'data-unwritable',
      `data: the path of ${join(dataFolder, SOCKET_NAME)} is too long for a socket (at most ${SOCKET_PATH_BYTES_MAX} bytes); ` +
        'use a data folder with a shorter path.',
      { field: 'data' },
    );
  }
  await rm(path, { force: true });
  await app.listen({ path });
  // Only its owner may create runs, whatever the umask and the mode of the folder.
  await chmod(path, 0o600);
  return path;
}

/** Returns the address, with the real port where 0 was asked for. */
export async function listenOnLoopback(app: Api, port: number): Promise<string> {
  try {
    return await app.listen({ host: LOOPBACK, port });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EADDRINUSE') {
      throw new CodedError(
        'port-in-use',
        `port: ${port} is in use by another program; choose another with --port, or 0 for any free one.`,
        { field: 'port', cause: error },
      );
    }
    if (code === 'EACCES') {
      throw new CodedError(
        'port-in-use',
        `port: ${port} may not be opened by this user; choose one above 1023.`,
        {
          field: 'port',
          cause: error,
        },
      );
    }
    throw error;
  }
}
