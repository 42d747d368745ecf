/**
 * The two ways in: a socket in the data folder, for its owner alone, and a TCP port on
 * loopback (the configuration allows no other host). Whoever calls this holds the data lock; so a socket file that is there already
 * belongs to a dead process and may be replaced.
 */
import { chmod, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CodedError } from '../core/errors/catalogue.ts';
import type { Api } from './server.ts';

const SOCKET_NAME = 'penstock.sock';
/** The configuration has made sure that the path is not too long for a socket. */
export function socketPathOf(dataFolder: string): string {
  return join(dataFolder, SOCKET_NAME);
}

export async function listenOnSocket(app: Api, dataFolder: string): Promise<string> {
  const path = socketPathOf(dataFolder);
  await rm(path, { force: true });
  await app.listen({ path });
  // Only its owner may create runs, whatever the umask and the mode of the folder.
  await chmod(path, 0o600);
  return path;
}

/** Returns the address, with the real port where 0 was asked for. */
export async function listenOnLoopback(
  app: Api,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<string> {
  try {
    return await app.listen({ host, port });
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
